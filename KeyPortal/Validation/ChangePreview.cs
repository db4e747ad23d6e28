using System.Net;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Usage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Validation;

/// <summary>
/// Tells what would have been refused, had a key had other scopes or networks for the last days: the rules a validation asks, put to what its calls
/// asked for then. See docs/decisions/0024-what-a-change-would-have-refused.md.
/// </summary>
public sealed class ChangePreview(UsageQueries usage, IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>
    /// Counts the valid calls that the key's rules of now accept and these would not. Refuses as <see cref="UsageQueries"/> does, and scopes and networks that are none.
    /// </summary>
    [Needs(Act.ReadUsage)]
    public async Task<Outcome<ChangeEffect>> PreviewAsync(
        Actor actor, string keyId, IReadOnlyList<string> scopes, IReadOnlyList<string> allowedIps, CancellationToken cancellationToken = default)
    {
        if (!(await usage.TalliesAsync(actor, keyId, cancellationToken)).Succeeded(out var tallies, out var refusal))
        {
            return refusal;
        }

        List<FieldError> errors = [];
        var wantedScopes = Read<Scope>(scopes, "/scopes", KeyRules.MaxScopes, Scope.TryParse, errors);
        var wantedNetworks = Read<AllowedNetwork>(allowedIps, "/allowed_ips", KeyRules.MaxNetworks, AllowedNetwork.TryParse, errors);
        if (errors.Count > 0)
        {
            return Refusal.Invalid(errors);
        }

        await using var db = contexts.CreateDbContext();
        var key = await db.Set<ApiKey>().AsNoTracking().SingleAsync(k => k.Id == keyId && k.OrganizationId == actor.OrganizationId, cancellationToken);
        return new ChangeEffect(
            tallies.Calls,
            ByScope(tallies, Read<Scope>(key.Scopes, "", int.MaxValue, Scope.TryParse, []), wantedScopes),
            ByAddress(tallies, Read<AllowedNetwork>(key.AllowedIps, "", int.MaxValue, AllowedNetwork.TryParse, []), wantedNetworks));
    }

    private static RefusedCalls ByScope(KeyTallies tallies, List<Scope> present, List<Scope> wanted)
    {
        if (present.TrueForAll(scope => Scope.AnyCovers(wanted, scope)))
        {
            // Nothing is taken away.
            return RefusedCalls.None;
        }

        var refused = from tally in tallies.Needed
                      let needed = ScopeExpression.TryParse(tally.Value, out var expression) ? expression : null
                      where needed is not null && needed.IsMetBy(present) && !needed.IsMetBy(wanted)
                      select new RefusedCause(needed.ToString(), tally.Count);
        return RefusedCalls.Of(refused, tallies.UnknownIn(tallies.Needed));
    }

    private static RefusedCalls ByAddress(KeyTallies tallies, List<AllowedNetwork> present, List<AllowedNetwork> wanted)
    {
        if (wanted.Count == 0 || (present.Count > 0 && present.TrueForAll(wanted.Contains)))
        {
            return RefusedCalls.None;
        }

        var refused = from tally in tallies.Addresses
                      let address = AllowedNetwork.TryParseAddress(tally.Value, out var parsed) ? parsed : null
                      where IsAllowed(present, address) && !IsAllowed(wanted, address)
                      select new RefusedCause(address is null ? null : tally.Value, tally.Count);
        return RefusedCalls.Of(refused, tallies.UnknownIn(tallies.Addresses));
    }

    /// <summary>As <see cref="KeySnapshot.Check"/> has it: without a list from anywhere, with one never from nowhere.</summary>
    private static bool IsAllowed(List<AllowedNetwork> networks, IPAddress? address) =>
        networks.Count == 0 || (address is not null && networks.Exists(n => n.Contains(address)));

    private static List<T> Read<T>(IReadOnlyList<string> texts, string pointer, int most, Parse<T> parse, List<FieldError> errors)
    {
        List<T> read = [];
        if (texts.Count > most)
        {
            errors.Add(new FieldError(pointer, $"There may be {most} at most; these are {texts.Count}."));
            return read;
        }

        for (var i = 0; i < texts.Count; i++)
        {
            if (parse(texts[i], out var value))
            {
                read.Add(value!);
            }
            else
            {
                errors.Add(new FieldError($"{pointer}/{i}", "This is not finished yet, or mistyped."));
            }
        }

        return read;
    }

    private delegate bool Parse<T>(string? text, out T? value);
}
