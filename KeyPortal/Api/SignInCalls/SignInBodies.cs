using KeyPortal.Primitives;

namespace KeyPortal.Api.SignInCalls;

/// <summary>What <c>POST /api/v1/auth/login</c> takes. A class, for a record would print the password.</summary>
internal sealed class LoginBody
{
    public string? Email { get; set; }

    public string? Password { get; set; }

    public Refusal? Check() => SignInBody.Require(("/email", "The e-mail address", Email), ("/password", "The password", Password));
}

/// <summary>What <c>POST /api/v1/auth/2fa</c> takes.</summary>
internal sealed class SecondStepBody
{
    public string? ChallengeToken { get; set; }

    /// <summary>The authenticator app's.</summary>
    public string? Code { get; set; }

    /// <summary>In place of <see cref="Code"/>.</summary>
    public string? RecoveryCode { get; set; }

    public Refusal? Check() =>
        SignInBody.Require(("/challenge_token", "The challenge token", ChallengeToken))
        ?? ((Code is null) == (RecoveryCode is null) ? Refusal.Invalid("/code", "Send code or recovery_code, one of the two.") : null);
}

/// <summary>What <c>POST /api/v1/auth/refresh</c> takes.</summary>
internal sealed class RefreshBody
{
    public string? RefreshToken { get; set; }

    public Refusal? Check() => SignInBody.Require(("/refresh_token", "The refresh token", RefreshToken));
}

internal static class SignInBody
{
    public static Refusal? Require(params ReadOnlySpan<(string Pointer, string Name, string? Value)> fields)
    {
        List<FieldError> errors = [];
        foreach (var (pointer, name, value) in fields)
        {
            if (string.IsNullOrEmpty(value))
            {
                errors.Add(new FieldError(pointer, $"{name} is required."));
            }
        }

        return errors.Count == 0 ? null : Refusal.Invalid(errors);
    }
}
