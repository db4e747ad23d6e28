using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>Takes a second factor away from one's own account. The last one goes with the recovery codes, and not at all where an organization demands one.</summary>
public sealed class SecondFactorRemoval(Writer writer, FactorChanges changes, Membership membership)
{
    /// <summary>Removes the authenticator app. Refuses: <c>fresh_sign_in_required</c>, <c>second_factor_required</c>, not found.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public Task<Outcome<bool>> RemoveAsync(Actor actor, CancellationToken cancellationToken = default) =>
        RemoveAsync(actor, SecondFactorMethod.Totp, async write =>
            await write.Set<SecondFactor>().Where(f => f.UserId == actor.MemberId && f.TotpSecret != null).ExecuteUpdateAsync(
                f => f.SetProperty(x => x.TotpSecret, (string?)null).SetProperty(x => x.TotpAddedAt, (DateTimeOffset?)null).SetProperty(x => x.TotpLastStep, (long?)null), cancellationToken) == 1
                ? null : Refusal.NotFound("authenticator app"),
            cancellationToken);

    /// <summary>
    /// Removes a factor of any kind by the same rules: <paramref name="remove"/> deletes the actor's own inside the transaction, or refuses. Other sessions
    /// end; this one goes on.
    /// </summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<bool>> RemoveAsync(Actor actor, NamedFactor factor, Func<WriteTransaction, Task<Refusal?>> remove, CancellationToken cancellationToken = default)
    {
        if (await changes.RefuseAsync(actor, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var places = await membership.OfAsync(actor.MemberId, cancellationToken);
        return await writer.RunAsync<bool>(async write =>
        {
            if (await remove(write) is { } refused)
            {
                return refused;
            }

            await write.Db.SaveChangesAsync(cancellationToken);
            var wasLast = !await SecondFactors.HasAnyAsync(write.Db, actor.MemberId, cancellationToken);
            if (wasLast)
            {
                if (places.FirstOrDefault(p => p.SecondFactorRequired) is { } demanding)
                {
                    return Refusal.Conflict("second_factor_required", $"{demanding.Name} requires a second factor of its members, and this is your last. Add another one first.");
                }

                await DropLastAsync(write, actor, cancellationToken);
            }

            await changes.RemovedAsync(write, actor, places, factor, wasLast, cancellationToken);
            return true;
        }, cancellationToken);
    }

    /// <summary>Recovery codes replace a factor; without one they are nothing. This session is now worth what a password is worth.</summary>
    private static async Task DropLastAsync(WriteTransaction write, Actor actor, CancellationToken cancellationToken)
    {
        await RecoveryCodes.DropAsync(write, actor.MemberId, cancellationToken);
        await write.Set<Session>().Where(s => s.Id == actor.SessionId).ExecuteUpdateAsync(s => s.SetProperty(x => x.Method, SignInMethod.Password), cancellationToken);
    }
}
