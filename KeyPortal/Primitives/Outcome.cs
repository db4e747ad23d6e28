using System.Diagnostics.CodeAnalysis;

namespace KeyPortal.Primitives;

/// <summary>Why a command refused; each kind maps to one HTTP status and one tone of words.</summary>
public enum RefusalKind
{
    /// <summary>The request makes no sense as sent. HTTP 400.</summary>
    Malformed,

    /// <summary>A value breaks a rule; <see cref="Refusal.Errors"/> names the fields. HTTP 422.</summary>
    Invalid,

    /// <summary>No credential, or none that is good. HTTP 401.</summary>
    Unauthenticated,

    /// <summary>The actor may not do this. HTTP 403.</summary>
    NotAllowed,

    /// <summary>No such thing, or none the actor may see. HTTP 404.</summary>
    NotFound,

    /// <summary>The thing's present state forbids the act. HTTP 409.</summary>
    Conflict,

    /// <summary>The thing is no longer as the caller saw it. HTTP 412.</summary>
    Stale,

    /// <summary>Too many at once or too many already. HTTP 429.</summary>
    TooMany,

    /// <summary>It cannot be decided now, and whoever asks is not to blame. HTTP 503.</summary>
    Unavailable,
}

/// <summary>One bad field. <paramref name="Pointer"/> is a JSON Pointer (RFC 6901) into what was sent: <c>/scopes/2</c>.</summary>
public sealed record FieldError(string Pointer, string Detail);

/// <summary>
/// An expected refusal, as a value. <paramref name="Code"/> is stable and machine-readable (snake_case);
/// <paramref name="Detail"/> is a sentence a person can act on.
/// </summary>
public sealed record Refusal(RefusalKind Kind, string Code, string Detail)
{
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>When trying again may help; null where a few seconds are enough.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Names of the limits that have no room; empty where it is not a limit that refuses.</summary>
    public IReadOnlyList<string> ViolatedLimits { get; init; } = [];

    public static Refusal Invalid(IReadOnlyList<FieldError> errors) =>
        new(RefusalKind.Invalid, "validation_failed", errors.Count == 1 ? errors[0].Detail : $"{errors.Count} fields break a rule.") { Errors = errors };

    public static Refusal Invalid(string pointer, string detail) => Invalid([new FieldError(pointer, detail)]);

    public static Refusal NotFound(string what) => new(RefusalKind.NotFound, "not_found", $"There is no such {what}.");

    public static Refusal Conflict(string code, string detail) => new(RefusalKind.Conflict, code, detail);
}

/// <summary>What a command answers: a value, or a refusal. An exception is a bug or an outage, never an answer.</summary>
public readonly struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal)
    {
        _value = value;
        Refusal = refusal;
    }

    public Refusal? Refusal { get; }

    /// <summary>The value; throws when the command refused.</summary>
    public T Value => Refusal is null ? _value! : throw new InvalidOperationException($"Refused: {Refusal.Code}.");

    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        value = _value;
        refusal = Refusal;
        return Refusal is null;
    }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
