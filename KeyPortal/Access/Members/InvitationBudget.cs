using System.ComponentModel.DataAnnotations;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access.Members;

/// <summary>Settings <c>KeyPortal:Invitations:*</c>: how many invitations may be sent in any 24 hours, those sent again included.</summary>
public sealed class InvitationSettings
{
    public const string Section = "KeyPortal:Invitations";

    /// <summary>By one person, from all of their organizations together: who founds another one gets no more for it.</summary>
    [Range(1, 1_000_000, ErrorMessage = "KeyPortal:Invitations:PerMember must be from 1 to 1,000,000.")]
    public int PerMember { get; set; } = 100;

    /// <summary>By all members of one organization.</summary>
    [Range(1, 1_000_000, ErrorMessage = "KeyPortal:Invitations:PerOrganization must be from 1 to 1,000,000.")]
    public int PerOrganization { get; set; } = 200;

    /// <summary>To one address, from all organizations together.</summary>
    [Range(1, 1_000_000, ErrorMessage = "KeyPortal:Invitations:PerAddress must be from 1 to 1,000,000.")]
    public int PerAddress { get; set; } = 5;
}

/// <summary>
/// Bounds what can be mailed to people who never asked for it. Counted in the audit log, which has an entry for each invitation sent, written in its own
/// transaction: a restart forgets none, and of many at once none slips through.
/// </summary>
public sealed class InvitationBudget(IOptions<InvitationSettings> settings)
{
    public const string Invited = "member.invited";
    public const string Resent = "invitation.resent";

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>Null when one more may be sent; else <c>invitations_used_up</c>, with when to try again.</summary>
    internal async Task<Refusal?> RefuseAsync(WriteTransaction write, Actor inviter, string normalizedEmail, CancellationToken cancellationToken)
    {
        var since = write.Now - Day;
        var sent = write.Set<AuditEntry>().Where(e => e.At > since && (e.Action == Invited || e.Action == Resent));
        var ids = write.Set<Invitation>().Where(i => i.NormalizedEmail == normalizedEmail).Select(i => new { i.OrganizationId, i.Id });
        var toAddress = ids.Join(sent, i => i, e => new { e.OrganizationId, Id = e.TargetId }, (_, e) => e.At);
        // By organization, which is what the log is searched by: a person's entries lie in the logs of those they are or were in.
        var places = write.Set<Member>().Where(m => m.UserId == inviter.MemberId).Select(m => m.OrganizationId);
        var byMember = sent.Where(e => places.Contains(e.OrganizationId) && e.ActorId == inviter.Id).Select(e => e.At);
        var byOrganization = sent.Where(e => e.OrganizationId == inviter.OrganizationId).Select(e => e.At);
        return await RefuseAsync(write, toAddress, settings.Value.PerAddress, "This address got", cancellationToken)
            ?? await RefuseAsync(write, byMember, settings.Value.PerMember, "You sent", cancellationToken)
            ?? await RefuseAsync(write, byOrganization, settings.Value.PerOrganization, "Your organization sent", cancellationToken);
    }

    private static async Task<Refusal?> RefuseAsync(WriteTransaction write, IQueryable<DateTimeOffset> sent, int most, string whoDid, CancellationToken cancellationToken)
    {
        // The newest that are too many: with the oldest of them a place comes free.
        var newest = await sent.OrderByDescending(at => at).Take(most).ToListAsync(cancellationToken);
        if (newest.Count < most)
        {
            return null;
        }

        var wait = newest[^1] + Day - write.Now;
        return new Refusal(RefusalKind.TooMany, "invitations_used_up",
            $"{whoDid} {most} invitations in the last 24 hours, which is the most. Try again in {Words(wait)}.") { RetryAfter = wait };
    }

    private static string Words(TimeSpan wait) =>
        wait.TotalHours > 1 ? $"{Math.Ceiling(wait.TotalHours):0} hours" : "an hour";
}
