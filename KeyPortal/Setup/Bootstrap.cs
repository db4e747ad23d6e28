using KeyPortal.Access;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Setup;

/// <summary>What automation needs to go on from: the first owner with a second factor, and a key that may do all an owner's key can.</summary>
public sealed record Bootstrapped(string OrganizationId, string UserId, string Email, TotpSecret TotpSecret, PlainRecoveryCodes RecoveryCodes, PlaintextKey ManagementKey);

/// <summary>Sets an empty instance up without a browser.</summary>
public sealed class Bootstrap(FirstRun firstRun, TotpEnrolment enrolment, KeyIssuance issuance, KeyManagement management, IDbContextFactory<KeyPortalDb> contexts, TimeProvider clock)
{
    // Far enough to be no bound of its own; past it a policy's span no longer fits a calendar.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365 * 100);

    /// <summary>Makes the organization, its owner with an authenticator app's secret and recovery codes, and a live management key. Refuses as <see cref="FirstRun"/> and <see cref="KeyIssuance"/> do.</summary>
    public async Task<Outcome<Bootstrapped>> RunAsync(FirstOwner owner, CancellationToken cancellationToken = default)
    {
        // Asked first: an organization without its management key would be half of what was wanted.
        if (await management.RefuseAsync() is { } off)
        {
            return off;
        }

        var founded = await firstRun.CreateAsync(owner, Origin.None, cancellationToken);
        if (!founded.Succeeded(out var actor, out var refusal))
        {
            return refusal;
        }

        // Before the key: without a second factor there is no live one.
        var secret = TotpSecret.New();
        var codes = await enrolment.EnrolNewAsync(actor, secret, cancellationToken);
        var input = new KeyInput
        {
            Name = "Management key",
            Description = "Made by bootstrap. Holds all of KeyPortal's own scopes.",
            Scopes = [.. OwnScopes.All.Select(scope => scope.Value)],
            Expiry = await LongestExpiryAsync(actor.OrganizationId, cancellationToken),
        };
        var issued = await issuance.CreateFirstAsync(actor, input, cancellationToken);
        return issued.Succeeded(out var key, out refusal) ? new Bootstrapped(actor.OrganizationId, actor.Id, owner.Email, secret, codes, key.Plaintext) : refusal;
    }

    private async Task<ExpiryInput> LongestExpiryAsync(string organizationId, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        var policy = (await db.Set<Organization>().AsNoTracking().SingleAsync(o => o.Id == organizationId, cancellationToken)).Policy;
        if (policy.MaxLifetimeSeconds is { } seconds)
        {
            return ExpiryInput.On(clock.Now() + TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds)));
        }

        return policy.NeverExpiresAllowed ? ExpiryInput.In(ExpiryChoice.Never) : ExpiryInput.On(clock.Now() + Longest);
    }
}
