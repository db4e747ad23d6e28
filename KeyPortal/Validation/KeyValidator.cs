using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Usage;

namespace KeyPortal.Validation;

/// <summary>The one decision: may this key do this, now? Every check that fails is named; every call is counted, refusals too.</summary>
public sealed class KeyValidator(KeyCache keys, KeyLimiter limiter, UsageRecorder usage, SecretWatch watch, TimeProvider clock)
{
    private static readonly ValidationResult Malformed = Refused(ValidationCode.Malformed,
        "This is not a KeyPortal key, or it was cut or mistyped: its form or checksum is wrong.");

    private static readonly ValidationResult NotFound = Refused(ValidationCode.NotFound,
        "No key that this caller may ask about has this secret.");

    /// <summary>Decides for a caller who sees only the keys of <paramref name="organizationId"/>; another organization's key is as unknown as any.</summary>
    /// <exception cref="StorageUnavailableException">The key is not in memory, and the database does not answer: no decision can be made.</exception>
    public async ValueTask<ValidationResult> ValidateAsync(string organizationId, ValidationRequest request, CancellationToken cancellationToken = default)
    {
        var began = clock.GetTimestamp();
        var result = await DecideAsync(organizationId, request, cancellationToken);
        Count(organizationId, request, result, clock.GetElapsedTime(began));
        return result;
    }

    /// <summary>Decides on a key that asks about itself, in its own organization. Not counted where it is no key at all: there is nobody to count it for.</summary>
    /// <exception cref="StorageUnavailableException">The key is not in memory, and the database does not answer: no decision can be made.</exception>
    public async ValueTask<ValidationResult> IdentifyAsync(ValidationRequest request, CancellationToken cancellationToken = default)
    {
        var began = clock.GetTimestamp();
        var result = await DecideAsync(null, request, cancellationToken);
        if (result.Key is { } key)
        {
            Count(key.OrganizationId, request, result, clock.GetElapsedTime(began));
        }

        return result;
    }

    /// <summary>
    /// Decides several requests in their order. All that has to be read is read before anything is spent, and all are decided at one moment: each is answered, or none
    /// has cost anything.
    /// </summary>
    /// <exception cref="StorageUnavailableException">Of one of them at least: the key (its quota's use) is not in memory, and the database does not answer.</exception>
    public async ValueTask<ValidationResult[]> ValidateAllAsync(string organizationId, IReadOnlyList<ValidationRequest> requests, CancellationToken cancellationToken = default)
    {
        var began = clock.GetTimestamp();
        var found = new Presented[requests.Count];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = await FindAsync(organizationId, requests[i], cancellationToken);
        }

        var now = clock.Now();
        var reasons = new IReadOnlyList<ValidationReason>?[found.Length];
        List<(int Index, LimitedAsk Ask)> asks = [];
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i].Key is { } key)
            {
                reasons[i] = key.Check(requests[i].Demand, now);
                asks.Add((i, new LimitedAsk(CallOf(key, requests[i], now), Spends: reasons[i] is null)));
            }
        }

        var reports = new LimitReport?[found.Length];
        foreach (var (place, report) in (await limiter.AcquireAllAsync(asks.ConvertAll(a => a.Ask), cancellationToken)).Index())
        {
            reports[asks[place].Index] = report;
        }

        var took = clock.GetElapsedTime(began) / Math.Max(1, found.Length);
        var results = new ValidationResult[found.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = found[i].Key is { } key ? Answer(key, requests[i], reasons[i], reports[i], now) : found[i].Refused!;
            Count(organizationId, requests[i], results[i], took);
        }

        return results;
    }

    private void Count(string organizationId, ValidationRequest request, ValidationResult result, TimeSpan took)
    {
        var key = result.Key;
        if (key is not null)
        {
            Watch(key, request, result.Code);
        }

        usage.Record(new UsageEvent(clock.GetUtcNow(), organizationId, key?.KeyId, key?.SecretVersion ?? 0, result.Code, request.Demand.Ip, took) { Needed = request.Demand.Scopes });
    }

    private void Watch(KeySnapshot key, ValidationRequest request, ValidationCode code)
    {
        if (code == ValidationCode.Valid)
        {
            watch.Used(key, clock.GetUtcNow());
        }
        else if (code is ValidationCode.Revoked or ValidationCode.Disabled or ValidationCode.Expired)
        {
            watch.Refused(key, request.Demand.Ip, clock.GetUtcNow());
        }
    }

    private async ValueTask<ValidationResult> DecideAsync(string? organizationId, ValidationRequest request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(organizationId, request, cancellationToken);
        if (found.Key is not { } key)
        {
            return found.Refused!;
        }

        var now = clock.Now();
        var call = CallOf(key, request, now);
        var reasons = key.Check(request.Demand, now);
        var report = reasons is null ? await limiter.AcquireAsync(call, cancellationToken: cancellationToken) : limiter.PeekNow(call);
        return Answer(key, request, reasons, report, now);
    }

    /// <summary>The key behind what was presented, or the refusal of what is none for this caller.</summary>
    private ValueTask<Presented> FindAsync(string? organizationId, ValidationRequest request, CancellationToken cancellationToken)
    {
        if (!keys.TryRead(request.Key, out var presented))
        {
            return new ValueTask<Presented>(new Presented(null, Malformed));
        }

        var read = keys.FindAsync(presented, request.Fresh, cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<Presented>(Seen(read.Result, organizationId)) : new ValueTask<Presented>(SeeAsync(read, organizationId));
    }

    private static async Task<Presented> SeeAsync(ValueTask<KeySnapshot?> read, string? organizationId) => Seen(await read, organizationId);

    private static Presented Seen(KeySnapshot? key, string? organizationId) =>
        key is null || (organizationId is not null && key.OrganizationId != organizationId) ? new Presented(null, NotFound) : new Presented(key, null);

    private static LimitedCall CallOf(KeySnapshot key, ValidationRequest request, DateTimeOffset now) => new(key.OrganizationId, key.Limited, request.Cost, request.Demand.Ip, now);

    /// <param name="reasons">Why the key's rules refuse the call; null where they do not.</param>
    /// <param name="report">What became of it at the key's limits, or without a call spent on them where the rules refuse; null where there are none.</param>
    private static ValidationResult Answer(KeySnapshot key, ValidationRequest request, IReadOnlyList<ValidationReason>? reasons, LimitReport? report, DateTimeOffset now)
    {
        if (reasons is not null)
        {
            // A refusal spends nothing; but whoever mends what is wrong should not meet the next refusal only then.
            return new ValidationResult(reasons[0].Code, key, report is { IsGranted: false } ? [.. reasons, .. LimitReasons.Of(report, request.Cost)] : reasons);
        }

        if (report is null)
        {
            return new ValidationResult(ValidationCode.Valid, key, []) { Warnings = key.Warn(now) };
        }

        if (report.IsGranted)
        {
            return new ValidationResult(ValidationCode.Valid, key, []) { Warnings = LimitReasons.Warn(report, key.Warn(now)), Limits = report };
        }

        var spent = LimitReasons.Of(report, request.Cost);
        return new ValidationResult(spent[0].Code, key, spent) { Limits = report };
    }

    /// <summary>One of the two.</summary>
    private readonly record struct Presented(KeySnapshot? Key, ValidationResult? Refused);

    private static ValidationResult Refused(ValidationCode code, string detail) => new(code, null, [new ValidationReason(code, detail)]);
}
