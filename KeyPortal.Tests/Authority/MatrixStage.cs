using System.Buffers.Text;
using System.Security.Cryptography;
using KeyPortal.Access.Members;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

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
    private readonly Dictionary<string, string> _tokens = [];

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

    /// <summary>A new key of the holder's own making that waits for approval. An auditor can make none.</summary>
    public async Task<string> PendingKeyAsync(Actor holder)
    {
        var key = await Portal.KeyAsync(holder);
        await using var db = Portal.OpenDb();
        await db.Set<ApiKey>().Where(k => k.Id == key.Key.Id).ExecuteUpdateAsync(s => s.SetProperty(k => k.ApprovalAskedAt, TestClock.Start));
        return key.Key.Id;
    }

    /// <summary>A new key of the holder with these scopes, whether or not the holder's role could hand them out now.</summary>
    public async Task<string> CredentialAsync(Actor holder, IEnumerable<Scope> scopes) =>
        (await IssueAsync(holder, [.. scopes.Select(s => s.Value)])).Plaintext.Expose();

    /// <summary>Gives a key a second live secret.</summary>
    public async Task RotateAsync(string keyId)
    {
        await using var db = Portal.OpenDb();
        var organizationId = await db.Set<ApiKey>().Where(k => k.Id == keyId).Select(k => k.OrganizationId).SingleAsync();
        (await Get<KeyRotation>().RotateAsync(organizationId == Cast.AcmeId ? Cast.Alice : Cast.Olaf, keyId, new RotationInput(TimeSpan.FromDays(1)))).Refusal.ShouldBeNull();
    }

    /// <summary>Has a key's secret rotated within a day of its making.</summary>
    public async Task AgeAsync(string keyId)
    {
        await using var db = Portal.OpenDb();
        await db.Set<ApiKey>().Where(k => k.Id == keyId).ExecuteUpdateAsync(k => k.SetProperty(x => x.RotationAgeSeconds, RotationAge.LeastSeconds));
    }

    /// <summary>The id of another session of somebody's.</summary>
    public async Task<string> SessionOfAsync(Actor person) => (await Portal.SessionAsync(person)).SessionId;

    /// <summary>The person's access token, the same at each call.</summary>
    public async Task<string> AccessTokenAsync(Actor person) => _tokens.TryGetValue(person.MemberId, out var known)
        ? known
        : _tokens[person.MemberId] = (await Portal.TokensAsync(person)).AccessToken;

    /// <summary>The person in a session that has just begun; a key stays what it is.</summary>
    public async Task<Actor> FreshAsync(Actor actor) => actor.Type == ActorType.Member ? actor with { SessionId = await SessionOfAsync(actor) } : actor;

    public static UserPasskeyInfo Passkey() =>
        new(RandomNumberGenerator.GetBytes(32), [1], TestClock.Start, 0, null, true, false, false, [1], [1]) { Name = "A passkey" };

    /// <summary>A new passkey of somebody's, by its id.</summary>
    public async Task<string> PasskeyOfAsync(Actor person)
    {
        await using var scope = Portal.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        var passkey = Passkey();
        (await users.AddOrUpdatePasskeyAsync((await users.FindByIdAsync(person.MemberId))!, passkey)).Succeeded.ShouldBeTrue();
        return Base64Url.EncodeToString(passkey.CredentialId);
    }

    public static string NewEmail() => $"{Guid.NewGuid():n}@acme.example";

    /// <summary>An open invitation of somebody's, by its id.</summary>
    public async Task<string> InvitationAsync(Actor inviter) => (await Get<MemberInvitations>().InviteAsync(inviter, NewEmail(), Role.Developer)).Value.Id;

    /// <summary>Somebody new in the organization of <paramref name="colleague"/>, in a session.</summary>
    public async Task<Actor> NewMemberAsync(Actor colleague, Role role)
    {
        var email = NewEmail();
        await using var scope = Portal.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        var user = new IdentityUser { Id = EntityId.New(EntityId.User, TestClock.Start), UserName = email, Email = email };
        (await users.CreateAsync(user, Support.Cast.Password)).Succeeded.ShouldBeTrue();
        await using var db = Portal.OpenDb();
        db.Add(new Member { OrganizationId = colleague.OrganizationId, UserId = user.Id, Name = "Nora", Role = role, JoinedAt = TestClock.Start });
        await db.SaveChangesAsync();
        return await FreshAsync(colleague with { Id = user.Id, MemberId = user.Id, Name = "Nora", Role = role });
    }

    private async Task<IssuedKey> IssueAsync(Actor holder, IReadOnlyList<string> scopes)
    {
        var maker = holder.OrganizationId == Cast.AcmeId ? Cast.Alice : Cast.Olaf;
        var issued = await Portal.KeyAsync(maker, "A key", with: i => i with { Scopes = scopes });
        await using var db = Portal.OpenDb();
        await db.Set<ApiKey>().Where(k => k.Id == issued.Key.Id).ExecuteUpdateAsync(s => s.SetProperty(k => k.OwnerId, holder.MemberId));
        return issued;
    }
}
