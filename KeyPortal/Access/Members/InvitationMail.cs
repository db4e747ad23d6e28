using KeyPortal.Mail;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>The mail with an invitation's link.</summary>
public sealed class InvitationMail(Outbox outbox, PublicAddress address)
{
    /// <summary>Does it reach anybody? Else whoever invites hands the link on.</summary>
    public bool IsConfigured => outbox.IsConfigured;

    internal async Task AddAsync(WriteTransaction write, Actor actor, Invitation invitation, SentInvitation sent, CancellationToken cancellationToken)
    {
        var organization = await write.Set<Organization>().Where(o => o.Id == actor.OrganizationId).Select(o => o.Name).SingleAsync(cancellationToken);
        var (inviter, place) = (Outbox.NameInText(actor.Name), Outbox.NameInText(organization));
        outbox.Add(write, invitation.Email, $"{inviter} invites you to {place}", $"""
            {inviter} invites you to join {place} in KeyPortal, as {RoleWords.WithArticle(invitation.Role)}.

            Open this link to accept. It is good for 72 hours, and once:

            {address.Link(sent.Path)}

            If you do not know why you got this, do nothing: without the link nobody joins.
            """);
    }
}
