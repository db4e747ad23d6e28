using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Offboarding;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using Microsoft.AspNetCore.Identity;

namespace KeyPortal.Tests.Authority;

/// <summary>Drivers of what people do with their own accounts, and with each other's membership.</summary>
internal static partial class CommandDrivers
{
    private static IEnumerable<KeyValuePair<string, CommandDriver>> Account =>
    [
        new("OwnAccount.FindAsync", LetIn((s, a) => s.Get<OwnAccount>().FindAsync(a))),
        new("OwnSessions.ListAsync", LetIn((s, a) => s.Get<OwnSessions>().ListAsync(a))),
        new("OwnSessions.EndAsync", new(async (s, a, whose) => IsLetIn((await s.Get<OwnSessions>().EndAsync(a, await s.SessionOfAsync(s.Holder(a, whose)))).Refusal), CommandDriver.Everything)),
        new("OwnSessions.EndOthersAsync", LetIn((s, a) => s.Get<OwnSessions>().EndOthersAsync(a))),
        new("RecentSignIns.ListAsync", LetIn((s, a) => s.Get<RecentSignIns>().ListAsync(a))),
        new("Passkeys.ListAsync", LetIn((s, a) => s.Get<Passkeys>().ListAsync(a))),
        new("Passkeys.RenameAsync", new(async (s, a, whose) => IsLetIn((await s.Get<Passkeys>().RenameAsync(a, await s.PasskeyOfAsync(s.Holder(a, whose)), "Renamed")).Refusal), CommandDriver.Everything)),
        new("Passkeys.RemoveAsync", new(async (s, a, whose) => IsLetIn((await s.Get<Passkeys>().RemoveAsync(await s.FreshAsync(a), await s.PasskeyOfAsync(s.Holder(a, whose)))).Refusal), CommandDriver.Everything)),
        new("PasskeyEnrolment.RefuseAsync", LetInTo(async (s, a) => await s.Get<PasskeyEnrolment>().RefuseAsync(a))),
        new("PasskeyEnrolment.AddAsync", LetIn((s, a) => s.Get<PasskeyEnrolment>().AddAsync(a, "A passkey", new NewPasskey(MatrixStage.Passkey())))),
        new("FactorChanges.RefuseAsync", LetInTo(async (s, a) => await s.Get<FactorChanges>().RefuseAsync(a))),
        new("TotpEnrolment.OfferAsync", LetIn((s, a) => s.Get<TotpEnrolment>().OfferAsync(a))),
        new("TotpEnrolment.RepeatAsync", LetIn((s, a) => s.Get<TotpEnrolment>().RepeatAsync(a, ""))),
        new("TotpEnrolment.ConfirmAsync", LetIn((s, a) => s.Get<TotpEnrolment>().ConfirmAsync(a, "", ""))),
        new("Confirmation.WithCodeAsync", LetIn((s, a) => s.Get<Confirmation>().WithCodeAsync(a, "", ""))),
        new("Confirmation.WithRecoveryCodeAsync", LetIn((s, a) => s.Get<Confirmation>().WithRecoveryCodeAsync(a, "", ""))),
        new("Confirmation.WithPasswordAloneAsync", LetIn((s, a) => s.Get<Confirmation>().WithPasswordAloneAsync(a, ""))),
        new("Confirmation.CompleteAsync", LetIn((s, a) => s.Get<Confirmation>().CompleteAsync(a, SignInMethod.Passkey, (_, _) => Task.FromResult<Refusal?>(null)))),
        new("PasswordChange.ChangeAsync", LetIn((s, a) => s.Get<PasswordChange>().ChangeAsync(a, "", ""))),
        new("OwnPassword.CompareAsync", LetIn((s, a) => s.Get<OwnPassword>().CompareAsync(a, ""))),
        new("RecoveryCodeRenewal.RenewAsync", LetIn((s, a) => s.Get<RecoveryCodeRenewal>().RenewAsync(a))),
        new("SecondFactorRemoval.RemoveAsync(actor)", LetIn((s, a) => s.Get<SecondFactorRemoval>().RemoveAsync(a))),
        new("SecondFactorRemoval.RemoveAsync(actor, factor, remove)", LetIn((s, a) =>
            s.Get<SecondFactorRemoval>().RemoveAsync(a, new NamedFactor(SecondFactorMethod.Passkey, "none"), _ => Task.FromResult<Refusal?>(null)))),
        new("MemberNaming.RenameSelfAsync", LetIn((s, a) => s.Get<MemberNaming>().RenameSelfAsync(a, a.Name))),
        new("MemberRemoval.LeaveAsync", LetIn(async (s, a) => await s.Get<MemberRemoval>().LeaveAsync(a.Type == ActorType.Member ? await s.NewMemberAsync(a, a.Role) : a, new KeyFate.Revoke()))),
        new("Founding.FoundAsync", LetIn((s, a) => s.Get<Founding>().FoundAsync(a, "Another organization"))),
    ];

    private static IEnumerable<KeyValuePair<string, CommandDriver>> Members =>
    [
        new("MemberQueries.ListAsync", new(async (s, a, whose) =>
            (await s.Get<MemberQueries>().ListAsync(a, new MemberFilter(), 200, null)).Succeeded(out var page, out _) && page.Items.Any(m => m.UserId == s.Holder(a, whose).MemberId), CommandDriver.Everything)),
        new("MemberQueries.InvitationsAsync", Unaimed((s, a) => s.Get<MemberQueries>().InvitationsAsync(a))),
        new("MemberQueries.CountAsync", Unaimed((s, a) => s.Get<MemberQueries>().CountAsync(a))),
        new("OrganizationChange.RenameAsync", Unaimed((s, a) => s.Get<OrganizationChange>().RenameAsync(a, "Acme Payments"))),
        new("OrganizationChange.RequireSecondFactorAsync", Unaimed((s, a) => s.Get<OrganizationChange>().RequireSecondFactorAsync(a, required: false))),
        new("MemberInvitations.InviteAsync", Unaimed((s, a) => s.Get<MemberInvitations>().InviteAsync(a, MatrixStage.NewEmail(), Role.Developer))),
        new("MemberInvitations.ResendAsync", OnOthers(async (s, a, inviter) => await s.Get<MemberInvitations>().ResendAsync(a, await s.InvitationAsync(inviter)))),
        new("MemberInvitations.WithdrawAsync", OnOthers(async (s, a, inviter) => await s.Get<MemberInvitations>().WithdrawAsync(a, await s.InvitationAsync(inviter)))),
        new("MemberRoles.ChangeAsync", OnOthers(async (s, a, of) => await s.Get<MemberRoles>().ChangeAsync(a, (await s.NewMemberAsync(of, Role.Developer)).Id, Role.Auditor))),
        new("MemberSuspension.DisableAsync", OnOthers(async (s, a, of) => await s.Get<MemberSuspension>().DisableAsync(a, (await s.NewMemberAsync(of, Role.Developer)).Id))),
        new("MemberSuspension.EnableAsync", OnOthers(async (s, a, of) => await s.Get<MemberSuspension>().EnableAsync(a, (await s.NewMemberAsync(of, Role.Developer)).Id))),
        new("DepartureQueries.PrepareAsync", OnOthers(async (s, a, of) => await s.Get<DepartureQueries>().PrepareAsync(a, (await s.NewMemberAsync(of, Role.Developer)).Id))),
        new("MemberRemoval.RemoveAsync", OnOthers(async (s, a, of) => await s.Get<MemberRemoval>().RemoveAsync(a, (await s.NewMemberAsync(of, Role.Developer)).Id, new KeyFate.Revoke()))),
    ];

    /// <summary>For commands that go on to ask for a password, a code or a fresh sign-in: it counts whether the gate lets the actor in.</summary>
    private static CommandDriver LetIn<T>(Func<MatrixStage, Actor, Task<Outcome<T>>> act) => LetInTo(async (s, a) => (await act(s, a)).Refusal);

    private static CommandDriver LetInTo(Func<MatrixStage, Actor, Task<Refusal?>> act) => new(async (s, a, _) => IsLetIn(await act(s, a)), Whose.Own);

    private static bool IsLetIn(Refusal? refusal) => refusal is null or { Kind: not RefusalKind.NotFound, Code: not "not_allowed" };

    /// <summary>On something of somebody else's, in one's own organization and in another.</summary>
    private static CommandDriver OnOthers<T>(Func<MatrixStage, Actor, Actor, Task<Outcome<T>>> act) =>
        new(async (s, a, whose) => IsDone(await act(s, a, whose == Whose.Foreign ? s.Foreigner : s.Cast.Alice)), CommandDriver.Others);
}
