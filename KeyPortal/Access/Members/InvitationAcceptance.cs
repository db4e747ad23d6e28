using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>What somebody without an account says of themselves to get one.</summary>
public sealed record NewAccount(string Name, string Password)
{
    /// <summary>Without the password, which a record would print.</summary>
    public override string ToString() => nameof(NewAccount);
}

/// <summary>
/// Uses an invitation up: of many at once, one. Somebody new gets an account and a session; somebody who has an account must be signed in with it, for the
/// link alone proves no more than that a mail was read.
/// </summary>
public sealed class InvitationAcceptance(IServiceScopeFactory scopes, Writer writer, PasswordGate passwords, OpenInvitations invitations, SessionBeginning beginning)
{
    private static readonly Refusal Busy = new(RefusalKind.TooMany, "busy", "The server is busy. Nothing was changed; try again in a few seconds.");
    private static readonly Refusal AccountExists = Refusal.Conflict("account_exists", "This address has an account by now. Sign in with it to accept.");
    private static readonly Refusal OtherAccount = new(RefusalKind.NotAllowed, "other_account", "This invitation was sent to another address than the one you are signed in with.");

    /// <summary>Makes the account and signs it in. Refuses: a broken rule of the form, <c>invitation_over</c>, <c>account_exists</c>, <c>busy</c>.</summary>
    public async Task<Outcome<SessionReference>> AcceptAsync(string? token, NewAccount account, Origin origin, CancellationToken cancellationToken = default)
    {
        if (!(await invitations.FindAsync(token, origin, cancellationToken)).Succeeded(out var offer, out var refusal))
        {
            return refusal;
        }

        if (offer.AccountId is not null)
        {
            return AccountExists;
        }

        account = account with { Name = account.Name.Trim() };
        if (Check(account, offer) is { } broken)
        {
            return broken;
        }

        if (await passwords.HashAsync(account.Password, cancellationToken) is not { } hash)
        {
            return Busy;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<KeyPortalDb>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<IdentityUser>>();
        return await writer.RunAsync<SessionReference>(db, async write =>
        {
            if (await OpenInvitations.TakeAsync(write, token, cancellationToken) is not { } invitation)
            {
                return OpenInvitations.Over;
            }

            var user = new IdentityUser { Id = EntityId.New(EntityId.User, write.Now), UserName = invitation.Email, Email = invitation.Email, PasswordHash = hash };
            if (!(await users.CreateAsync(user)).Succeeded)
            {
                return AccountExists;
            }

            var joined = await JoinAsync(write, invitation, user.Id, account.Name, origin, cancellationToken);
            return joined.Succeeded(out var place, out var refused)
                ? await beginning.BeginAsync(write, [place], user.Id, SessionKind.Browser, SignInMethod.Password, origin, cancellationToken)
                : refused;
        }, cancellationToken);
    }

    /// <summary>
    /// Joins as whoever is signed in; the session goes on, in the organization just joined. Refuses: <c>invitation_over</c>, <c>other_account</c>,
    /// <c>already_member</c>, <c>member_disabled</c>.
    /// </summary>
    public async Task<Outcome<SessionReference>> AcceptAsync(string? token, SessionReference person, Origin origin, CancellationToken cancellationToken = default)
    {
        if (!(await invitations.FindAsync(token, origin, cancellationToken)).Succeeded(out var offer, out var refusal))
        {
            return refusal;
        }

        return offer.AccountId != person.UserId ? OtherAccount : await writer.RunAsync<SessionReference>(async write =>
        {
            if (await OpenInvitations.TakeAsync(write, token, cancellationToken) is not { } invitation)
            {
                return OpenInvitations.Over;
            }

            // The name the person goes by already: here once, else where they joined last.
            var name = await write.Set<Member>().Where(m => m.UserId == person.UserId)
                .OrderByDescending(m => m.OrganizationId == invitation.OrganizationId).ThenByDescending(m => m.JoinedAt).Select(m => m.Name).FirstOrDefaultAsync(cancellationToken);
            var joined = await JoinAsync(write, invitation, person.UserId, name ?? invitation.Email, origin, cancellationToken);
            return joined.Succeeded(out var place, out var refused) ? person with { OrganizationId = place.Id } : refused;
        }, cancellationToken);
    }

    private static async Task<Outcome<OrganizationView>> JoinAsync(WriteTransaction write, Invitation invitation, string userId, string name, Origin origin, CancellationToken cancellationToken)
    {
        var member = await write.Set<Member>().SingleOrDefaultAsync(m => m.OrganizationId == invitation.OrganizationId && m.UserId == userId, cancellationToken);
        switch (member?.State)
        {
            case MemberState.Active:
                return Refusal.Conflict("already_member", "You are a member of this organization already.");
            case MemberState.Disabled:
                return Refusal.Conflict("member_disabled", "Your place in this organization is disabled. Ask an owner or admin of it to enable you.");
            case null:
                member = new Member { OrganizationId = invitation.OrganizationId, UserId = userId, Name = name, Role = invitation.Role, JoinedAt = write.Now };
                write.Set<Member>().Add(member);
                break;
            default:
                (member.State, member.Role, member.JoinedAt) = (MemberState.Active, invitation.Role, write.Now);
                break;
        }

        invitation.Accept(write.Now);
        await MemberRules.AnnounceAsync(write, member, cancellationToken);
        var organization = await write.Set<Organization>().SingleAsync(o => o.Id == invitation.OrganizationId, cancellationToken);
        var place = new OrganizationView(organization.Id, organization.Name, member.Role, member.Name, userId) { SecondFactorRequired = organization.SecondFactorRequired };
        await AuditLog.AppendAsync(write, CurrentMember.ActorOf(place, origin), new AuditRecord("member.joined", AuditTarget.Member(userId, member.Name))
        {
            Details = new() { ["role"] = SnakeCase.Of(member.Role), ["email"] = invitation.Email, ["invitation_id"] = invitation.Id, ["invited_by"] = invitation.InvitedBy },
            PersonalDetails = ["email"],
        }, cancellationToken);
        return place;
    }

    private static Refusal? Check(NewAccount account, InvitationOffer offer)
    {
        List<FieldError> errors = [];
        if (TextRules.Check(account.Name, "Your name", 1, Member.MaxNameLength) is { } broken)
        {
            errors.Add(new FieldError("/name", broken));
        }

        errors.AddRange(PasswordRules.Check(account.Password, account.Name, offer.Email, offer.OrganizationName));
        return errors.Count == 0 ? null : Refusal.Invalid(errors);
    }
}
