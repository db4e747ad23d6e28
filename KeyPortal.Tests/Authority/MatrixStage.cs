using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Authority;

/// <summary>Whose thing an act is aimed at.</summary>
public enum Whose
{
    Own,

    /// <summary>Another member's of the same organization.</summary>
    Colleagues,

    /// <summary>Another organization's.</summary>
    Foreign,
}

/// <summary>One of each role, a colleague, and the owner of another organization; things of each to act on.</summary>
public sealed class MatrixStage : IAsyncLifetime
{
    public Portal Portal { get; } = new(("KeyPortal:Policy:KeysPerMember", "100000"));

    public Cast Cast { get; private set; } = null!;

    /// <summary>Dan, a developer: the one whose things are a colleague's to all others.</summary>
    public Actor Colleague => Cast.Dan;

    public Actor Foreigner => Cast.Olaf;

    public async ValueTask InitializeAsync() => Cast = await Cast.EnterAsync(Portal);

    public ValueTask DisposeAsync() => Portal.DisposeAsync();

    public T Get<T>() where T : notnull => Portal.Get<T>();

    public Actor Of(Role role) => role switch
    {
        Role.Owner => Cast.Alice,
        Role.Admin => Cast.Andy,
        Role.Developer => Cast.Dora,
        _ => Cast.Audrey,
    };

    public Actor Holder(Actor actor, Whose whose) => whose switch
    {
        Whose.Own => actor,
        Whose.Colleagues => Colleague,
        _ => Foreigner,
    };

    /// <summary>What the table says of this act, for this role, on such a thing.</summary>
    public static bool IsAllowed(Role role, Act act, Whose whose) => whose != Whose.Foreign && Permissions.Of(role, act) switch
    {
        Reach.All => true,
        Reach.Own => whose == Whose.Own,
        _ => false,
    };

    /// <summary>A new key of the holder. An auditor can make none, so a key of hers is one from before she became one.</summary>
    public async Task<string> KeyAsync(Actor holder) => (await IssueAsync(holder, [])).Key.Id;

    /// <summary>A new key of the holder with these scopes, whether or not the holder's role could hand them out now.</summary>
    public async Task<string> CredentialAsync(Actor holder, IEnumerable<Scope> scopes) =>
        (await IssueAsync(holder, [.. scopes.Select(s => s.Value)])).Plaintext.Expose();

    private async Task<IssuedKey> IssueAsync(Actor holder, IReadOnlyList<string> scopes)
    {
        var maker = holder.OrganizationId == Cast.AcmeId ? Cast.Alice : Cast.Olaf;
        var issued = await Portal.KeyAsync(maker, "A key", with: i => i with { Scopes = scopes });
        await using var db = Portal.OpenDb();
        await db.Set<ApiKey>().Where(k => k.Id == issued.Key.Id).ExecuteUpdateAsync(s => s.SetProperty(k => k.OwnerId, holder.MemberId));
        return issued;
    }
}
