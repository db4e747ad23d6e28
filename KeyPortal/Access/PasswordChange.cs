using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>Changes one's own password. Five wrong present ones lock that for the session, as everywhere inside (<see cref="OwnPassword"/>).</summary>
public sealed class PasswordChange(Writer writer, PermissionGate permissions, Accounts accounts, PasswordGate gate, PasswordSetting setting, SessionBeginning beginning, GuessLimits guesses, KnownDevices devices)
{
    private const string Action = "member.password_changed";
    private static readonly Refusal Wrong = Refusal.Invalid("/current_password", "This is not your present password.");
    private static readonly Refusal Locked = new(RefusalKind.TooMany, "locked_out", "Too many wrong passwords. Try again in 15 minutes.");

    /// <summary>
    /// The session that takes the place of the one the person acts in; every other one ends. Refuses: not allowed, the new password's rules, a wrong present
    /// one, <c>locked_out</c>, <c>too_many_attempts</c>, <c>busy</c>.
    /// </summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<SessionReference>> ChangeAsync(Actor actor, string? current, string? wanted, CancellationToken cancellationToken = default)
    {
        if (await permissions.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (!guesses.TryBegin(Guess.Password, actor.Origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        var device = KnownDevices.Of(actor);
        if (!devices.TryBegin(device))
        {
            return Locked;
        }

        var outcome = await CheckAndChangeAsync(actor, current ?? "", wanted ?? "", cancellationToken);
        if (outcome.Refusal != Wrong)
        {
            guesses.Forgive(Guess.Password, actor.Origin.Ip);
            devices.GiveBack(device);
        }

        if (outcome.Refusal is null)
        {
            devices.Forgive(device);
        }

        return outcome;
    }

    private async Task<Outcome<SessionReference>> CheckAndChangeAsync(Actor actor, string current, string wanted, CancellationToken cancellationToken)
    {
        var user = await accounts.GetAsync(actor.MemberId, cancellationToken);
        if (current == wanted && current.Length > 0)
        {
            return Refusal.Invalid("/password", "This is the password you have. Choose another one.");
        }

        var prepared = await setting.PrepareAsync(user, wanted, cancellationToken);
        if (!prepared.Succeeded(out var change, out var refusal))
        {
            return refusal;
        }

        var check = PasswordRules.IsNotTooLong(current) ? await gate.CheckAsync(user.PasswordHash, current, cancellationToken) : PasswordCheck.Wrong;
        if (check == PasswordCheck.Busy)
        {
            return PasswordSetting.Busy;
        }

        var compared = user.PasswordHash;
        Refusal? wrong = null;
        var changed = await writer.RunAsync<SessionReference?>(async write =>
        {
            if (check != PasswordCheck.Right || !await write.Set<IdentityUser>().AnyAsync(u => u.Id == user.Id && u.PasswordHash == compared, cancellationToken))
            {
                wrong = Wrong;
                await RecordAsync(write, actor, change, AuditOutcome.Refused, new JsonObject { ["reason"] = "wrong_password" }, cancellationToken);
                return (SessionReference?)null; // No refusal to the writer, which would undo the entry.
            }

            await setting.SetAsync(write, change, actor.Origin, actor.SessionId, cancellationToken);
            await RecordAsync(write, actor, change, AuditOutcome.Succeeded, [], cancellationToken);
            return await RenewAsync(write, actor, cancellationToken);
        }, cancellationToken);
        return wrong is not null ? wrong : changed.Succeeded(out var session, out refusal) ? session : refusal!;
    }

    private static Task RecordAsync(WriteTransaction write, Actor actor, NewPassword change, AuditOutcome outcome, JsonObject details, CancellationToken cancellationToken) =>
        SessionBeginning.RecordAsync(write, change.Places, Action, outcome, actor.Origin, details, cancellationToken);

    /// <summary>A new id, and no more rights than before: the second factor was not shown again, so what is fresh does not become fresher.</summary>
    private async Task<Outcome<SessionReference?>> RenewAsync(WriteTransaction write, Actor actor, CancellationToken cancellationToken)
    {
        var old = await write.Set<Session>().SingleAsync(s => s.Id == actor.SessionId, cancellationToken);
        if (!(await beginning.RenewAsync(write, actor, old.Kind, old.Method, cancellationToken)).Succeeded(out var session, out var over))
        {
            return over;
        }

        session.VerifiedAt = old.VerifiedAt;
        return new SessionReference(session.Id, actor.MemberId, actor.OrganizationId);
    }
}
