using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>An invitation just sent. The token is in the mail; where no mail reaches anybody, whoever invited hands the link on.</summary>
public sealed record SentInvitation(string Id, string Email, SecretToken Token, bool IsMailed)
{
    /// <summary>Where the link leads, on whatever host people use; the token stands behind the <c>#</c>.</summary>
    public string Path => $"{OpenInvitations.Path}#{Token.Expose()}";

    /// <summary>Without the link, which a record would print.</summary>
    public override string ToString() => $"{nameof(SentInvitation)} {{ {Id} }}";
}

/// <summary>Invites people by e-mail, and takes invitations back.</summary>
public sealed class MemberInvitations(Writer writer, PermissionGate gate, InvitationBudget budget, InvitationMail mail, ILookupNormalizer names)
{
    /// <summary>More than anybody waits for at once; a bound on what one careless or stolen session can mail.</summary>
    public const int MostPending = 100;

    /// <summary>
    /// Invites an address; a pending invitation to it is replaced. Refuses: not allowed, no address, <c>already_member</c>, <c>too_many_invitations</c>,
    /// <c>invitations_used_up</c>.
    /// </summary>
    [Needs(Act.ManageMembers)]
    public async Task<Outcome<SentInvitation>> InviteAsync(Actor actor, string email, Role role, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, ActFor(role), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        email = email.Trim();
        if (Check(email, role) is { } broken)
        {
            return broken;
        }

        var normalized = names.NormalizeEmail(email);
        var done = await writer.RunAsync<SentInvitation>(write => InviteAsync(write, actor, email, normalized, role, cancellationToken), cancellationToken);
        return done.Refusal is { Kind: RefusalKind.NotAllowed } forbidden
            ? await gate.RecordAsync(actor, Act.ManageOwners, AuditTarget.Organization(actor.OrganizationId, ""), forbidden, cancellationToken)
            : done;
    }

    /// <summary>Sends a pending invitation once more, with a new link that is good for 72 hours from now; the old link is void.</summary>
    [Needs(Act.ManageMembers)]
    public Task<Outcome<SentInvitation>> ResendAsync(Actor actor, string invitationId, CancellationToken cancellationToken = default) =>
        ChangeAsync(actor, invitationId, async (write, now, invitation) =>
        {
            if (await RefuseMemberAsync(write, actor.OrganizationId, invitation.NormalizedEmail, cancellationToken) is { } already)
            {
                return already;
            }

            if (await budget.RefuseAsync(write, now, invitation.NormalizedEmail, cancellationToken) is { } usedUp)
            {
                return usedUp;
            }

            var token = SecretToken.New();
            (invitation.TokenHash, invitation.ExpiresAt, invitation.InvitedBy) = (token.Hash, write.Now + Invitation.GoodFor, now.MemberId);
            return await SendAsync(write, now, invitation, token, InvitationBudget.Resent, cancellationToken);
        }, cancellationToken);

    /// <summary>Makes an invitation worthless.</summary>
    [Needs(Act.ManageMembers)]
    public Task<Outcome<string>> WithdrawAsync(Actor actor, string invitationId, CancellationToken cancellationToken = default) =>
        ChangeAsync<string>(actor, invitationId, async (write, now, invitation) =>
        {
            invitation.Withdraw(write.Now);
            await AuditLog.AppendAsync(write, now, Withdrawn(invitation, "withdrawn"), cancellationToken);
            return invitation.Id;
        }, cancellationToken);

    internal static AuditRecord Withdrawn(Invitation invitation, string why) =>
        new("invitation.withdrawn", AuditTarget.Invitation(invitation.Id, invitation.Email)) { Details = new() { ["role"] = SnakeCase.Of(invitation.Role), ["why"] = why } };

    private static IQueryable<Invitation> Pending(WriteTransaction write, string organizationId) =>
        write.Set<Invitation>().Where(i => i.OrganizationId == organizationId && i.AcceptedAt == null && i.WithdrawnAt == null);

    private async Task<Outcome<SentInvitation>> InviteAsync(WriteTransaction write, Actor actor, string email, string normalized, Role role, CancellationToken cancellationToken)
    {
        if (await MemberRules.AsOfNowAsync(write, actor, cancellationToken) is not { } now || !now.May(ActFor(role)))
        {
            return PermissionGate.Forbidden(ActFor(role));
        }

        if (await RefuseMemberAsync(write, actor.OrganizationId, normalized, cancellationToken) is { } already)
        {
            return already;
        }

        var pending = await Pending(write, actor.OrganizationId).ToListAsync(cancellationToken);
        var replaced = pending.Where(i => i.NormalizedEmail == normalized).ToList();
        if (replaced.Any(i => !now.May(ActFor(i.Role))))
        {
            // Replacing takes back what only an owner can take back.
            return PermissionGate.Forbidden(Act.ManageOwners);
        }

        if (pending.Count - replaced.Count >= MostPending)
        {
            return new Refusal(RefusalKind.Conflict, "too_many_invitations", $"{MostPending} invitations wait for an answer already. Withdraw some that are no longer needed.");
        }

        if (await budget.RefuseAsync(write, now, normalized, cancellationToken) is { } usedUp)
        {
            return usedUp;
        }

        foreach (var old in replaced)
        {
            old.Withdraw(write.Now);
            await AuditLog.AppendAsync(write, now, Withdrawn(old, "replaced"), cancellationToken);
        }

        var token = SecretToken.New();
        var invitation = new Invitation
        {
            Id = EntityId.New(Invitation.IdPrefix, write.Now),
            OrganizationId = actor.OrganizationId,
            Email = email,
            NormalizedEmail = normalized,
            Role = role,
            TokenHash = token.Hash,
            InvitedBy = actor.MemberId,
            CreatedAt = write.Now,
            ExpiresAt = write.Now + Invitation.GoodFor,
        };
        write.Set<Invitation>().Add(invitation);
        return await SendAsync(write, now, invitation, token, InvitationBudget.Invited, cancellationToken);
    }

    private async Task<Outcome<T>> ChangeAsync<T>(
        Actor actor, string invitationId, Func<WriteTransaction, Actor, Invitation, Task<Outcome<T>>> change, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(actor, Act.ManageMembers, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var done = await writer.RunAsync<T>(async write =>
        {
            if (await Pending(write, actor.OrganizationId).SingleOrDefaultAsync(i => i.Id == invitationId, cancellationToken) is not { } invitation)
            {
                return Refusal.NotFound("open invitation");
            }

            return await MemberRules.AsOfNowAsync(write, actor, cancellationToken) is { } now && now.May(ActFor(invitation.Role))
                ? await change(write, now, invitation)
                : PermissionGate.Forbidden(ActFor(invitation.Role));
        }, cancellationToken);
        return done.Refusal is { Kind: RefusalKind.NotAllowed } forbidden
            ? await gate.RecordAsync(actor, Act.ManageOwners, AuditTarget.Invitation(invitationId, ""), forbidden, cancellationToken)
            : done;
    }

    private async Task<Outcome<SentInvitation>> SendAsync(WriteTransaction write, Actor actor, Invitation invitation, SecretToken token, string action, CancellationToken cancellationToken)
    {
        var sent = new SentInvitation(invitation.Id, invitation.Email, token, mail.IsConfigured);
        await mail.AddAsync(write, actor, invitation, sent, cancellationToken);
        await AuditLog.AppendAsync(write, actor, new AuditRecord(action, AuditTarget.Invitation(invitation.Id, invitation.Email))
        {
            Details = new() { ["role"] = SnakeCase.Of(invitation.Role), ["email"] = invitation.Email, ["expires_at"] = AuditLog.Instant(invitation.ExpiresAt), ["mailed"] = sent.IsMailed },
            PersonalDetails = ["email"],
        }, cancellationToken);
        return sent;
    }

    /// <summary>Refuses to invite who is a member already; a disabled one is enabled, not invited.</summary>
    private static async Task<Refusal?> RefuseMemberAsync(WriteTransaction write, string organizationId, string normalizedEmail, CancellationToken cancellationToken)
    {
        var state = await (from user in write.Set<IdentityUser>()
                           join member in write.Set<Member>() on user.Id equals member.UserId
                           where user.NormalizedEmail == normalizedEmail && member.OrganizationId == organizationId
                           select (MemberState?)member.State).SingleOrDefaultAsync(cancellationToken);
        return state switch
        {
            MemberState.Active => Refusal.Conflict("already_member", "This address belongs to a member of the organization already."),
            MemberState.Disabled => Refusal.Conflict("already_member", "This address belongs to a member who is disabled. Enable the member instead."),
            _ => null,
        };
    }

    private static Act ActFor(Role role) => role == Role.Owner ? Act.ManageOwners : Act.ManageMembers;

    private static Refusal? Check(string email, Role role) =>
        !Enum.IsDefined(role) ? Refusal.Invalid("/role", $"A role is one of {string.Join(", ", SnakeCase.AllOf<Role>())}.")
        : !Email.IsAddress(email) ? Refusal.Invalid("/email", "An e-mail address has a name, an @ and a domain, such as alice@example.com.")
        : null;
}
