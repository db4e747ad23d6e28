using System.Buffers.Text;
using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A passkey of a person's own. <paramref name="Id"/> is its credential id in base64url; it opens nothing.</summary>
public sealed record PasskeyView(string Id, string Name, DateTimeOffset AddedAt);

/// <summary>A person's own passkeys.</summary>
public sealed class Passkeys(IDbContextFactory<KeyPortalDb> contexts, Writer writer, PermissionGate gate, Membership membership, SecondFactorRemoval removal)
{
    /// <summary>The oldest first.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<PasskeyView[]>> ListAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        // Sorted here: what the framework keeps of a passkey is one JSON column, which old SQLites cannot look into.
        return (await Of(db, actor).AsNoTracking().ToListAsync(cancellationToken)).Select(ViewOf).OrderBy(p => p.AddedAt).ToArray();
    }

    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<PasskeyView>> RenameAsync(Actor actor, string passkeyId, string name, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (PasskeyRules.RefuseName(name) is { } broken)
        {
            return broken;
        }

        var places = await membership.OfAsync(actor.MemberId, cancellationToken);
        return await writer.RunAsync<PasskeyView>(async write =>
        {
            if (await FindAsync(write.Db, actor, passkeyId, cancellationToken) is not { } passkey)
            {
                return Refusal.NotFound("passkey");
            }

            if (passkey.Data.Name is var before && before != name)
            {
                passkey.Data.Name = name;
                await SessionBeginning.RecordAsync(write, places, "passkey.renamed", AuditOutcome.Succeeded, actor.Origin,
                    new JsonObject { ["before"] = before, ["after"] = name }, cancellationToken);
            }

            return ViewOf(passkey);
        }, cancellationToken);
    }

    /// <summary>Ends a passkey for good, by the rules for every second factor: <see cref="SecondFactorRemoval"/>.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<bool>> RemoveAsync(Actor actor, string passkeyId, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        if (await FindAsync(db, actor, passkeyId, cancellationToken) is not { } passkey)
        {
            return Refusal.NotFound("passkey");
        }

        return await removal.RemoveAsync(actor, new NamedFactor(SecondFactorMethod.Passkey, passkey.Data.Name), async write =>
            await Of(write.Db, actor).Where(p => p.CredentialId == passkey.CredentialId).ExecuteDeleteAsync(cancellationToken) == 1 ? null : Refusal.NotFound("passkey"),
            cancellationToken);
    }

    private static IQueryable<IdentityUserPasskey<string>> Of(KeyPortalDb db, Actor actor) => db.Set<IdentityUserPasskey<string>>().Where(p => p.UserId == actor.MemberId);

    private static async Task<IdentityUserPasskey<string>?> FindAsync(KeyPortalDb db, Actor actor, string id, CancellationToken cancellationToken) =>
        CredentialIdOf(id) is { } credentialId ? await Of(db, actor).SingleOrDefaultAsync(p => p.CredentialId == credentialId, cancellationToken) : null;

    private static PasskeyView ViewOf(IdentityUserPasskey<string> passkey) =>
        new(Base64Url.EncodeToString(passkey.CredentialId), passkey.Data.Name ?? "Passkey", passkey.Data.CreatedAt);

    private static byte[]? CredentialIdOf(string id)
    {
        try
        {
            return Base64Url.DecodeFromChars(id);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
