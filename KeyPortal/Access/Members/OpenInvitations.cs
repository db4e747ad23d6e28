using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>What the holder of an invitation's link is offered. <paramref name="AccountId"/> is null where the address has no account yet.</summary>
public sealed record InvitationOffer(string OrganizationId, string OrganizationName, string Email, Role Role, string InvitedByName, string? AccountId);

/// <summary>Finds invitations that can still be accepted.</summary>
public sealed class OpenInvitations(IDbContextFactory<KeyPortalDb> contexts, GuessLimits guesses, TimeProvider clock)
{
    /// <summary>The page that opens one. A link has its token behind the <c>#</c>, as a password link has: no server and no proxy on the way writes it into a log.</summary>
    public const string Path = "/invitation";

    /// <summary>How long a browser remembers which invitation it opened.</summary>
    public static readonly TimeSpan KeptOpenFor = TimeSpan.FromHours(1);

    /// <summary>Unknown, used, withdrawn and past its time are one answer: a link tells nothing but to whom it was sent.</summary>
    public static readonly Refusal Over = new(RefusalKind.NotFound, "invitation_over", "This invitation is not good any more. It may have been used, withdrawn or replaced, or be older than 72 hours. Ask whoever invited you to send another.");

    /// <summary>What the link offers. Refuses <c>invitation_over</c>, and <c>too_many_attempts</c> where an address tries many wrong ones.</summary>
    public async Task<Outcome<InvitationOffer>> FindAsync(string? token, Origin origin, CancellationToken cancellationToken = default)
    {
        if (!guesses.TryBegin(Guess.Invitation, origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        if (SecretToken.TryParse(token) is not { } parsed || await ReadAsync(parsed, cancellationToken) is not { } offer)
        {
            return Over;
        }

        guesses.Forgive(Guess.Invitation, origin.Ip);
        return offer;
    }

    /// <summary>The open invitation of a link, inside the transaction that uses it up; null when another was quicker.</summary>
    internal static async Task<Invitation?> TakeAsync(WriteTransaction write, string? token, CancellationToken cancellationToken)
    {
        if (SecretToken.TryParse(token) is not { Hash: var hash })
        {
            return null;
        }

        var invitation = await write.Set<Invitation>().SingleOrDefaultAsync(i => i.TokenHash == hash, cancellationToken);
        return invitation?.IsOpen(write.Now) == true ? invitation : null;
    }

    /// <summary>
    /// An organization that waits for this account's answer; null when none does. Whoever is a member nowhere any more signs in by it alone, to accept.
    /// </summary>
    internal static async Task<string?> WaitingForAsync(WriteTransaction write, string userId, CancellationToken cancellationToken)
    {
        var now = write.Now;
        return await (from user in write.Set<IdentityUser>()
                      join invitation in write.Set<Invitation>() on user.NormalizedEmail equals invitation.NormalizedEmail
                      where user.Id == userId && invitation.AcceptedAt == null && invitation.WithdrawnAt == null && invitation.ExpiresAt > now
                      orderby invitation.CreatedAt descending
                      select invitation.OrganizationId).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task<InvitationOffer?> ReadAsync(SecretToken token, CancellationToken cancellationToken)
    {
        var (hash, now) = (token.Hash, clock.Now());
        await using var db = contexts.CreateDbContext();
        return await (from invitation in db.Set<Invitation>()
                      join organization in db.Set<Organization>() on invitation.OrganizationId equals organization.Id
                      join inviter in db.Set<Member>() on new { invitation.OrganizationId, UserId = invitation.InvitedBy } equals new { inviter.OrganizationId, inviter.UserId }
                      join user in db.Set<IdentityUser>() on invitation.NormalizedEmail equals user.NormalizedEmail into accounts
                      from account in accounts.DefaultIfEmpty()
                      where invitation.TokenHash == hash && invitation.AcceptedAt == null && invitation.WithdrawnAt == null && invitation.ExpiresAt > now
                      select new InvitationOffer(organization.Id, organization.Name, invitation.Email, invitation.Role, inviter.Name, account.Id)).SingleOrDefaultAsync(cancellationToken);
    }
}
