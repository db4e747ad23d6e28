using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Mail;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>
/// A forgotten password: a mailed link, good for half an hour and once, sets a new one. Asking is answered alike, and takes as long, whether or not there is
/// such an account. The link replaces the password only: whoever has a second factor still shows it.
/// </summary>
public sealed class PasswordRecovery(Writer writer, Accounts accounts, Membership membership, PasswordSetting setting, PasswordMails mails, GuessLimits guesses, TimeProvider clock)
{
    public const string AskPath = "/forgot-password";
    public const string ResetPath = "/reset-password";
    public static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(30);

    /// <summary>How many links an account is mailed in an hour: enough for somebody who mistypes, too few to flood a letter box.</summary>
    public const int MostAnHour = 3;

    private static readonly TimeSpan CountedFor = TimeSpan.FromHours(1);

    public static readonly Refusal NotGood = new(
        RefusalKind.NotFound, "link_not_good", "This link is not good any more: each works once, for 30 minutes, and not after the password was changed. Ask for another one.");

    /// <summary>Is there anybody to read the mail? Else only somebody at the server can set a password: <c>users reset-password</c>.</summary>
    public bool IsOffered => mails.AreRead;

    /// <summary>Mails a link to the account's owner, if there is one. Refuses by address only, and before it looks: <c>too_many_attempts</c>.</summary>
    public async Task<Outcome<bool>> AskAsync(string? email, Origin origin, CancellationToken cancellationToken = default)
    {
        // Never given back: it is the asking that is limited.
        if (!guesses.TryBegin(Guess.Recovery, origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        if (TextRules.Check(email, "E-mail", 1, Email.MaxLength) is not null)
        {
            return true;
        }

        var began = clock.GetTimestamp();
        var asked = await MailLinkAsync(email!, cancellationToken);
        await EvenTime.ReachAsync(clock, began, cancellationToken);
        return asked;
    }

    /// <summary>
    /// Sets the password, unlocks the account and ends its sessions; signs nobody in. Refuses: <c>too_many_attempts</c>, <c>link_not_good</c>, the password's
    /// rules, <c>busy</c>. Of many at once one succeeds.
    /// </summary>
    public async Task<Outcome<bool>> ResetAsync(string? token, string? password, Origin origin, CancellationToken cancellationToken = default)
    {
        if (!guesses.TryBegin(Guess.Recovery, origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        if (SecretToken.TryParse(token) is not { } link || await accounts.FindByLinkAsync(link, cancellationToken) is not { } user)
        {
            return NotGood;
        }

        guesses.Forgive(Guess.Recovery, origin.Ip);
        var prepared = await setting.PrepareAsync(user, password, cancellationToken);
        if (!prepared.Succeeded(out var change, out var refusal))
        {
            return refusal;
        }

        var hash = link.Hash;
        return await writer.RunAsync<bool>(async write =>
        {
            var used = await write.Set<PasswordReset>().Where(r => r.TokenHash == hash && r.UsedAt == null && r.ExpiresAt > write.Now)
                .ExecuteUpdateAsync(r => r.SetProperty(x => x.UsedAt, write.Now), cancellationToken);
            if (used == 0)
            {
                return NotGood;
            }

            await setting.SetAsync(write, change, origin, cancellationToken: cancellationToken);
            await SessionBeginning.RecordAsync(write, change.Places, "member.password_reset", AuditOutcome.Succeeded, origin, new() { ["by"] = "mailed_link" }, cancellationToken);
            return true;
        }, cancellationToken);
    }

    private async Task<Outcome<bool>> MailLinkAsync(string email, CancellationToken cancellationToken)
    {
        var user = await accounts.FindByEmailAsync(email, cancellationToken);
        var userId = user?.Id ?? "";
        var places = await membership.OfAsync(userId, cancellationToken);
        return await writer.RunAsync<bool>(async write =>
        {
            var since = write.Now + GoodFor - CountedFor;
            await write.Set<PasswordReset>().Where(r => r.ExpiresAt <= since).ExecuteDeleteAsync(cancellationToken);
            var asked = await write.Set<PasswordReset>().CountAsync(r => r.UserId == userId, cancellationToken);
            // Asked for everybody, for each look-up can be felt: whoever is nowhere a member any more but invited signs in to accept, and may have forgotten how.
            var mayEnter = await OpenInvitations.WaitingForAsync(write, userId, cancellationToken) is not null || places.Count > 0;
            var token = SecretToken.New();
            if (user?.Email is { } to && mayEnter && asked < MostAnHour)
            {
                write.Set<PasswordReset>().Add(new PasswordReset { TokenHash = token.Hash, UserId = userId, ExpiresAt = write.Now + GoodFor });
                mails.AddLink(write, to, places.Select(p => p.MemberName).FirstOrDefault() ?? to, token);
            }
            else
            {
                // As much to seal and to write, and the same wait for the disk: all of it can be measured from outside.
                mails.AddLinkForNobody(write, token);
                await write.TouchAsync(cancellationToken);
            }

            return true;
        }, cancellationToken);
    }
}
