using KeyPortal.Access;
using KeyPortal.Mail;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>What is mailed about keys that wait for approval, in the transaction of the act it tells of.</summary>
public sealed class ApprovalMails(Outbox outbox, PublicAddress address)
{
    public const int MostRecipients = 20;

    /// <summary>How many requests of one member are mailed in an hour; of those beyond, the overview alone tells.</summary>
    public const int MostRequestsAnHour = 10;

    /// <summary>Tells those who could approve.</summary>
    internal async Task AskAsync(WriteTransaction write, Actor requester, ApiKey key, CancellationToken cancellationToken)
    {
        var hourAgo = write.Now.AddHours(-1);
        if (await write.Set<ApiKey>().CountAsync(k => k.OrganizationId == key.OrganizationId && k.OwnerId == key.OwnerId && k.ApprovalAskedAt > hourAgo, cancellationToken) >= MostRequestsAnHour)
        {
            return;
        }

        var approvers = await write.Set<Member>().Approving(key.OrganizationId).Where(m => m.UserId != requester.MemberId).Select(m => m.UserId).Take(MostRecipients).ToListAsync(cancellationToken);
        foreach (var to in await EmailsAsync(write, approvers, cancellationToken))
        {
            outbox.Add(write, to, "A key waits for your approval", $"""
                {Outbox.NameInText(requester.Name)} has made the live key “{Outbox.NameInText(key.Name)}” with these scopes: {Scopes(key)}.

                Your organization's policy wants a second person to approve it. Until then every call with it is refused. Look at it, and approve or decline:

                {Link(key)}
                """);
        }
    }

    /// <summary>Tells those who asked, but not whoever decided, what was decided.</summary>
    internal async Task TellAsync(WriteTransaction write, Actor decider, ApiKey key, IEnumerable<string> requesters, string decision, string effect, CancellationToken cancellationToken)
    {
        var active = await write.Set<Member>().Where(m => m.OrganizationId == key.OrganizationId && m.State == MemberState.Active && requesters.Contains(m.UserId))
            .OrderBy(m => m.UserId).Select(m => m.UserId).Take(MostRecipients).ToListAsync(cancellationToken);
        foreach (var to in await EmailsAsync(write, active, cancellationToken))
        {
            outbox.Add(write, to, $"Your key was {decision}", $"""
                {Outbox.NameInText(decider.Name)} has {decision} the live key “{Outbox.NameInText(key.Name)}” with these scopes: {Scopes(key)}. {effect}

                {Link(key)}
                """);
        }
    }

    private static string Scopes(ApiKey key) => $"{string.Join(", ", key.Scopes.Take(10))}{(key.Scopes.Count > 10 ? $" and {key.Scopes.Count - 10} more" : "")}";

    private string Link(ApiKey key) => address.Link($"/keys/{key.Id}");

    private static Task<List<string>> EmailsAsync(WriteTransaction write, IReadOnlyCollection<string> userIds, CancellationToken cancellationToken) =>
        write.Set<IdentityUser>().Where(u => userIds.Contains(u.Id) && u.Email != null).Select(u => u.Email!).ToListAsync(cancellationToken);
}
