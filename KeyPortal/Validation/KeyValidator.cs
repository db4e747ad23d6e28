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
        Count(organizationId, request, result, began);
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
            Count(key.OrganizationId, request, result, began);
        }

        return result;
    }

    private void Count(string organizationId, ValidationRequest request, ValidationResult result, long began)
    {
        var key = result.Key;
        if (key is not null)
        {
            Watch(key, request, result.Code);
        }

        usage.Record(new UsageEvent(clock.GetUtcNow(), organizationId, key?.KeyId, key?.SecretVersion ?? 0, result.Code, request.Demand.Ip, clock.GetElapsedTime(began)) { Needed = request.Demand.Scopes });
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
        if (!keys.TryRead(request.Key, out var presented))
        {
            return Malformed;
        }

        var key = await keys.FindAsync(presented, request.Fresh, cancellationToken);
        if (key is null || (organizationId is not null && key.OrganizationId != organizationId))
        {
            return NotFound;
        }

        var now = clock.Now();
        var call = new LimitedCall(key.OrganizationId, key.Limited, request.Cost, request.Demand.Ip, now);
        if (key.Check(request.Demand, now) is { } reasons)
        {
            // A refusal spends nothing; but whoever mends what is wrong should not meet the next refusal only then.
            return limiter.PeekNow(call) is { IsGranted: false } full
                ? new ValidationResult(reasons[0].Code, key, [.. reasons, .. LimitReasons.Of(full, request.Cost)])
                : new ValidationResult(reasons[0].Code, key, reasons);
        }

        if (await limiter.AcquireAsync(call, cancellationToken: cancellationToken) is not { } report)
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

    private static ValidationResult Refused(ValidationCode code, string detail) => new(code, null, [new ValidationReason(code, detail)]);
}
