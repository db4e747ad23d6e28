using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Access;

/// <summary>Makes a person ten new recovery codes; the old ones die.</summary>
public sealed class RecoveryCodeRenewal(Writer writer, FactorChanges changes, Membership membership, AccountMail mail)
{
    public static readonly Refusal NothingToRecover = Refusal.Conflict("no_second_factor", "Recovery codes replace a second factor, and you have none yet. Set one up first; the codes come with it.");

    /// <summary>Refuses: <c>fresh_sign_in_required</c>, <c>no_second_factor</c>.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<PlainRecoveryCodes>> RenewAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await changes.RefuseAsync(actor, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var places = await membership.OfAsync(actor.MemberId, cancellationToken);
        return await writer.RunAsync<PlainRecoveryCodes>(async write =>
        {
            if (!await SecondFactors.HasAnyAsync(write.Db, actor.MemberId, cancellationToken))
            {
                return NothingToRecover;
            }

            await SessionBeginning.RecordAsync(write, places, "recovery_codes.renewed", AuditOutcome.Succeeded, actor.Origin, [], cancellationToken);
            await mail.TellAsync(write, actor.MemberId, "Your recovery codes were made anew", "Ten new recovery codes were made for your account. The old ones no longer work.", actor.Origin, cancellationToken);
            return await RecoveryCodes.IssueAsync(write, actor.MemberId, cancellationToken);
        }, cancellationToken);
    }
}
