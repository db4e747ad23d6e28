using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Usage;
using KeyPortal.Validation;

namespace KeyPortal.Bench;

/// <summary>The parts of a validation, each by itself, in this process.</summary>
internal static class MicroRun
{
    public static async Task RunAsync(Options options)
    {
        var folder = Directory.CreateTempSubdirectory("keyportal-bench-").FullName;
        try
        {
            await using var instance = await Instance.CreateAsync(Path.Combine(folder, "data"));
            await MeasureAsync(instance, TimeSpan.FromSeconds(options.Number("seconds", 1)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(Instance instance, TimeSpan duration)
    {
        var plaintext = await instance.IssueAsync("Integration", "triggers:read", "events:read");
        var text = plaintext.Expose();
        var organization = instance.Owner.OrganizationId;
        var validator = instance.Get<KeyValidator>();
        var demand = new KeyDemand { Scopes = ScopeExpression.All([Scope.Parse("triggers:read")]), Ip = "203.0.113.9" };
        var valid = new ValidationRequest { Key = text, Demand = demand };
        var malformed = new ValidationRequest { Key = text[..^1], Demand = demand };
        var unknown = new ValidationRequest { Key = PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Live, "").Expose(), Demand = demand };
        var fresh = valid with { Fresh = true };

        async Task ExpectAsync(ValidationRequest request, ValidationCode code)
        {
            var result = await validator.ValidateAsync(organization, request);
            if (result.Code != code)
            {
                throw new InvalidDataException($"{result.Code} where {code} was expected.");
            }
        }

        await ExpectAsync(valid, ValidationCode.Valid);
        await ExpectAsync(malformed, ValidationCode.Malformed);
        await ExpectAsync(unknown, ValidationCode.NotFound);

        void Validate(ValidationRequest request)
        {
            var validation = validator.ValidateAsync(organization, request);
            if (!validation.IsCompletedSuccessfully)
            {
                validation.AsTask().GetAwaiter().GetResult();
            }
        }

        Console.WriteLine($"{"",-46} {"median",12}   (batches)   allocated");
        Measurement.Print("KeyValidator.ValidateAsync, valid, in memory", duration, () => Validate(valid));
        Measurement.Print("KeyValidator.ValidateAsync, malformed", duration, () => Validate(malformed));
        Measurement.Print("KeyValidator.ValidateAsync, unknown", duration, () => Validate(unknown));
        Measurement.Print("KeyValidator.ValidateAsync, valid, from disk", duration, () => Validate(fresh));

        Measurement.Print("PlaintextKey.TryParse", duration, () => _ = PlaintextKey.TryParse(text, out _));
        var pepper = instance.Get<Pepper>();
        Measurement.Print("Pepper.HashOf (HMAC-SHA-256)", duration, () => pepper.HashOf(plaintext));
        var recorder = instance.Get<UsageRecorder>();
        var key = (await validator.ValidateAsync(organization, valid)).Key!;
        Measurement.Print("UsageRecorder.Record", duration,
            () => recorder.Record(new UsageEvent(DateTimeOffset.UtcNow, organization, key.KeyId, 1, ValidationCode.Valid, "203.0.113.9", TimeSpan.FromMicroseconds(3)) { Needed = demand.Scopes }));
        MeasureLimits(duration);
        var callers = instance.Get<CallerAuthentication>();
        Measurement.Print("CallerAuthentication.AuthenticateAsync", duration, () => callers.AuthenticateAsync(text, Origin.None).AsTask().GetAwaiter().GetResult());
    }

    private static void MeasureLimits(TimeSpan duration)
    {
        var counters = new LimitCounters(TimeProvider.System);
        RateLimit Of(string name, LimitAlgorithm algorithm) => new(name, algorithm, 1_000_000_000, 60, 80);
        void Measure(string name, long cost, params RateLimit[] limits)
        {
            var key = new LimitedKey(CounterId.Of(EntityId.New(EntityId.Key, DateTimeOffset.UtcNow)), "", KeyLimits.Of(limits, [], null, null), 1);
            Measurement.Print(name, duration, () =>
            {
                Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
                counters.TryAcquire(key, cost, standings, out _);
            });
        }

        Measure("TryAcquire, token bucket", 1, Of("a", LimitAlgorithm.TokenBucket));
        Measure("TryAcquire, fixed window", 1, Of("a", LimitAlgorithm.FixedWindow));
        Measure("TryAcquire, sliding window", 1, Of("a", LimitAlgorithm.SlidingWindow));
        Measure("TryAcquire, one of each", 1, Of("a", LimitAlgorithm.TokenBucket), Of("b", LimitAlgorithm.FixedWindow), Of("c", LimitAlgorithm.SlidingWindow));
        Measure("TryAcquire, three token buckets", 1, Of("a", LimitAlgorithm.TokenBucket), Of("b", LimitAlgorithm.TokenBucket), Of("c", LimitAlgorithm.TokenBucket));
        Measure("TryAcquire, three token buckets, refused", 400_000_000, Of("a", LimitAlgorithm.TokenBucket), Of("b", LimitAlgorithm.TokenBucket), Of("c", LimitAlgorithm.TokenBucket));
    }
}
