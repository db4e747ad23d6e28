using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Access;

/// <summary>Sets somebody's password from the server itself: for the last owner, whom nobody in the portal can help. An act of the program's own.</summary>
public sealed class PasswordOverride(Writer writer, Accounts accounts, PasswordSetting setting)
{
    /// <summary>How many organizations it was recorded in. Refuses: no such account, the password's rules, <c>busy</c>.</summary>
    public async Task<Outcome<int>> SetAsync(string email, string password, CancellationToken cancellationToken = default)
    {
        if (await accounts.FindByEmailAsync(email, cancellationToken) is not { } user)
        {
            return new Refusal(RefusalKind.NotFound, "not_found", "No account has this e-mail address.");
        }

        var prepared = await setting.PrepareAsync(user, password, cancellationToken);
        if (!prepared.Succeeded(out var change, out var refusal))
        {
            return refusal;
        }

        return await writer.RunAsync<int>(async write =>
        {
            await setting.SetAsync(write, change, Origin.None, cancellationToken: cancellationToken);
            foreach (var place in change.Places)
            {
                await AuditLog.AppendAsync(write, Actor.System(place.Id),
                    new AuditRecord("member.password_reset", AuditTarget.Member(place.UserId, place.MemberName)) { Details = new() { ["by"] = "server" } }, cancellationToken);
            }

            return change.Places.Count;
        }, cancellationToken);
    }
}
