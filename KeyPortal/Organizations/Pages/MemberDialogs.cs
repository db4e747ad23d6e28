using KeyPortal.Access.Members;
using KeyPortal.Components;
using KeyPortal.Offboarding.Pages;
using Radzen;

namespace KeyPortal.Organizations.Pages;

/// <summary>Opens the dialogs of the members' page and runs what was decided in them. Each answers true when something changed.</summary>
public sealed class MemberDialogs(DialogService dialogs, PageActs acts, MemberSuspension suspension, MemberInvitations invitations)
{
    public Task<bool> InviteAsync() => dialogs.AskAsync<InviteDialog>("Invite somebody");

    public Task<bool> ChangeRoleAsync(MemberDetails member) => dialogs.AskAsync<RoleDialog>("Change the role", new() { [nameof(RoleDialog.Member)] = member });

    public Task<bool> RenameAsync(MemberDetails member) => dialogs.AskAsync<RenameSelfDialog>("Change your name", new() { [nameof(RenameSelfDialog.Member)] = member });

    public Task<bool> DisableAsync(MemberDetails member) => dialogs.AskAsync<DisableMemberDialog>("Disable this member?", new() { [nameof(DisableMemberDialog.Member)] = member });

    public Task<bool> EnableAsync(MemberDetails member) =>
        acts.RunAsync(actor => suspension.EnableAsync(actor, member.UserId), "The member is enabled and can sign in again.");

    public Task<bool> RemoveAsync(MemberDetails member) => dialogs.AskAsync<RemoveMemberDialog>("Remove this member?", new() { [nameof(RemoveMemberDialog.Member)] = member });

    public Task<bool> LeaveAsync(MemberDetails self) => dialogs.AskAsync<RemoveMemberDialog>("Leave the organization?", new() { [nameof(RemoveMemberDialog.Member)] = self, [nameof(RemoveMemberDialog.IsSelf)] = true });

    /// <summary>Where mail reaches people the new link is on its way to them; else it is shown to whoever asked.</summary>
    public async Task<bool> ResendAsync(InvitationDetails invitation)
    {
        SentInvitation? sent = null;
        var done = await acts.RunAsync(async actor =>
        {
            var outcome = await invitations.ResendAsync(actor, invitation.Id);
            sent = outcome.Refusal is null ? outcome.Value : null;
            return outcome;
        }, "The invitation has a new link, good for 72 hours. The old one is void.");
        if (sent is { IsMailed: false })
        {
            await dialogs.AskAsync<InvitationLinkDialog>("Hand this link on", new() { [nameof(InvitationLinkDialog.Invitation)] = sent });
        }

        return done;
    }

    public Task<bool> WithdrawAsync(InvitationDetails invitation) =>
        acts.RunAsync(actor => invitations.WithdrawAsync(actor, invitation.Id), "The invitation is withdrawn. Its link opens nothing any more.");
}
