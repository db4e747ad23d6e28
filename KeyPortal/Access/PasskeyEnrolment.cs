using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>Adds a passkey to one's own account.</summary>
public sealed class PasskeyEnrolment(IDbContextFactory<KeyPortalDb> contexts, Writer writer, Membership membership, FactorChanges changes)
{
    private static readonly Refusal TooMany = Refusal.Conflict("passkey_limit_reached", $"Your account has {PasskeyRules.Most} passkeys, which is the most there can be. Remove one first.");

    /// <summary>Null when the actor may add one now. Refuses: <c>fresh_sign_in_required</c>, <c>passkey_limit_reached</c>.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Refusal?> RefuseAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await changes.RefuseAsync(actor, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return await CountAsync(db, actor, cancellationToken) >= PasskeyRules.Most ? TooMany : null;
    }

    /// <summary>
    /// Writes the passkey, renews the person's session and ends their others. The first second factor of an account comes with recovery codes.
    /// Refuses as <see cref="RefuseAsync"/> does, and a name that breaks a rule.
    /// </summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<FactorAdded>> AddAsync(Actor actor, string? name, NewPasskey passkey, CancellationToken cancellationToken = default)
    {
        if (await RefuseAsync(actor, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (PasskeyRules.RefuseName(name) is { } broken)
        {
            return broken;
        }

        var places = await membership.OfAsync(actor.MemberId, cancellationToken);
        return await writer.RunAsync<FactorAdded>(async write =>
        {
            if (await CountAsync(write.Db, actor, cancellationToken) >= PasskeyRules.Most)
            {
                return TooMany;
            }

            var isFirst = !await SecondFactors.HasAnyAsync(write.Db, actor.MemberId, cancellationToken);
            var session = await write.Set<Session>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == actor.SessionId && s.EndedAt == null, cancellationToken);
            if (session is null || await write.Set<IdentityUserPasskey<string>>().AnyAsync(p => p.CredentialId == passkey.Info.CredentialId, cancellationToken))
            {
                return PasskeyChecks.Refused;
            }

            write.Set<IdentityUserPasskey<string>>().Add(RowOf(actor, name!, passkey.Info, write.Now));
            var shown = session.HasSecondFactor ? session.Method : SignInMethod.PasswordAndPasskey;
            return await changes.AddedAsync(write, actor, places, new NamedFactor(SecondFactorMethod.Passkey, name), shown, isFirst, cancellationToken);
        }, cancellationToken);
    }

    private static Task<int> CountAsync(KeyPortalDb db, Actor actor, CancellationToken cancellationToken) =>
        db.Set<IdentityUserPasskey<string>>().CountAsync(p => p.UserId == actor.MemberId, cancellationToken);

    private static IdentityUserPasskey<string> RowOf(Actor actor, string name, UserPasskeyInfo info, DateTimeOffset now) => new()
    {
        UserId = actor.MemberId,
        CredentialId = info.CredentialId,
        Data = new IdentityPasskeyData
        {
            Name = name,
            PublicKey = info.PublicKey,
            CreatedAt = now,
            SignCount = info.SignCount,
            Transports = info.Transports,
            IsUserVerified = info.IsUserVerified,
            IsBackupEligible = info.IsBackupEligible,
            IsBackedUp = info.IsBackedUp,
            AttestationObject = info.AttestationObject,
            ClientDataJson = info.ClientDataJson,
        },
    };
}
