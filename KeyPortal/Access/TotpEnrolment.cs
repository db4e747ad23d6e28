using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>A secret that waits for the proof that an app has it. <see cref="Sealed"/> comes back with the code, so that nothing is stored before.</summary>
public sealed record TotpOffer(TotpSecret Secret, string Uri, string Sealed)
{
    public override string ToString() => "TotpOffer(…)";
}

/// <summary>Sets an authenticator app up for one's own account, or puts a new one in the place of the old.</summary>
public sealed class TotpEnrolment(Writer writer, IDbContextFactory<KeyPortalDb> contexts, FactorChanges changes, Membership membership, TotpVault vault)
{
    /// <summary>How long an offer may be answered.</summary>
    public static readonly TimeSpan OfferLifetime = TimeSpan.FromMinutes(15);

    public static readonly Refusal OfferExpired = Refusal.Conflict("offer_expired", "This QR code was shown more than 15 minutes ago, or before another sign-in. Scan the new one.");

    /// <summary>Makes a secret to be scanned. Refuses <c>fresh_sign_in_required</c> to who has a second factor already.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<TotpOffer>> OfferAsync(Actor actor, CancellationToken cancellationToken = default) =>
        await changes.RefuseAsync(actor, cancellationToken) is { } refusal ? refusal : await OfferAsync(actor, TotpSecret.New(), cancellationToken);

    /// <summary>The same offer once more, for a page that has to be shown again after a wrong code.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<TotpOffer>> RepeatAsync(Actor actor, string? sealedOffer, CancellationToken cancellationToken = default) =>
        await changes.RefuseAsync(actor, cancellationToken) is { } refusal ? refusal
        : vault.OpenOffer(sealedOffer, actor) is { } secret ? await OfferAsync(actor, secret, cancellationToken)
        : OfferExpired;

    /// <summary>
    /// Takes the app's first code and sets it up; the code is spent with that. Ends the person's other sessions and renews this one. Refuses:
    /// <c>fresh_sign_in_required</c>, <c>offer_expired</c>, a wrong code.
    /// </summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<FactorAdded>> ConfirmAsync(Actor actor, string? sealedOffer, string? code, CancellationToken cancellationToken = default)
    {
        if (await changes.RefuseAsync(actor, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (vault.OpenOffer(sealedOffer, actor) is not { } secret)
        {
            return OfferExpired;
        }

        var places = await membership.OfAsync(actor.MemberId, cancellationToken);
        return await writer.RunAsync<FactorAdded>(async write =>
        {
            if (await changes.RefuseStaleAsync(write.Db, actor, cancellationToken) is { } stale)
            {
                return stale;
            }

            if (Totp.Match(secret, code, write.Now) is not { } step)
            {
                return Refusal.Invalid("/code", "This is not the code that the app shows for this secret. Check that the phone's clock is right, and type the next code.");
            }

            var isFirst = !await SecondFactors.HasAnyAsync(write.Db, actor.MemberId, cancellationToken);
            await StoreAsync(write, actor.MemberId, secret, step, cancellationToken);
            return await changes.AddedAsync(write, actor, places, SecondFactorMethod.Totp, SignInMethod.PasswordAndTotp, isFirst, cancellationToken);
        }, cancellationToken);
    }

    /// <summary>Gives an account that the program itself made its second factor, of which no code was shown yet, and its recovery codes.</summary>
    internal async Task<PlainRecoveryCodes> EnrolNewAsync(Actor owner, TotpSecret secret, CancellationToken cancellationToken = default)
    {
        var places = await membership.OfAsync(owner.MemberId, cancellationToken);
        var enrolled = await writer.RunAsync<PlainRecoveryCodes>(async write =>
        {
            await StoreAsync(write, owner.MemberId, secret, spentStep: null, cancellationToken);
            await FactorChanges.RecordAsync(write, owner, places, "added", SecondFactorMethod.Totp, cancellationToken);
            return await RecoveryCodes.IssueAsync(write, owner.MemberId, cancellationToken);
        }, cancellationToken);
        return enrolled.Value;
    }

    private async Task StoreAsync(WriteTransaction write, string userId, TotpSecret secret, long? spentStep, CancellationToken cancellationToken)
    {
        var factor = await write.Set<SecondFactor>().SingleOrDefaultAsync(f => f.UserId == userId, cancellationToken);
        if (factor is null)
        {
            write.Set<SecondFactor>().Add(factor = new SecondFactor { UserId = userId });
        }

        (factor.TotpSecret, factor.TotpAddedAt, factor.TotpLastStep) = (vault.Seal(secret, userId), write.Now, spentStep);
        (factor.WrongCodes, factor.LockedUntil) = (0, null);
    }

    private async Task<TotpOffer> OfferAsync(Actor actor, TotpSecret secret, CancellationToken cancellationToken)
    {
        var places = await membership.OfAsync(actor.MemberId, cancellationToken);
        var issuer = places.FirstOrDefault(p => p.Id == actor.OrganizationId)?.Name ?? "KeyPortal";
        await using var db = contexts.CreateDbContext();
        var email = await db.Users.Where(u => u.Id == actor.MemberId).Select(u => u.Email).SingleAsync(cancellationToken);
        return new TotpOffer(secret, secret.ExposeUri(issuer, email ?? ""), vault.SealOffer(secret, actor, OfferLifetime));
    }
}
