using KeyPortal.Access;
using KeyPortal.Primitives;

namespace KeyPortal.Api.SignInCalls;

/// <summary>What <c>POST /api/v1/auth/login</c> takes. A class, for a record would print the password.</summary>
internal sealed class LoginBody
{
    public string? Email { get; set; }

    public string? Password { get; set; }

    public Refusal? Check() => SignInBody.Require(("/email", "The e-mail address", Email, Access.Email.MaxLength), ("/password", "The password", Password, PasswordSettings.MaxLength));
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
        SignInBody.Require(("/challenge_token", "The challenge token", ChallengeToken, SignInBody.MaxTokenLength))
        ?? ((Code is null) == (RecoveryCode is null) ? Refusal.Invalid("/code", "Send code or recovery_code, one of the two.")
        : Code is not null ? SignInBody.Require(("/code", "The code", Code, SignInBody.MaxTokenLength))
        : SignInBody.Require(("/recovery_code", "The recovery code", RecoveryCode, SignInBody.MaxTokenLength)));
}

/// <summary>What <c>POST /api/v1/auth/refresh</c> takes.</summary>
internal sealed class RefreshBody
{
    public string? RefreshToken { get; set; }

    public Refusal? Check() => SignInBody.Require(("/refresh_token", "The refresh token", RefreshToken, SignInBody.MaxTokenLength));
}

internal static class SignInBody
{
    /// <summary>Far more than ours have, and nothing that is worth looking for.</summary>
    public const int MaxTokenLength = 200;

    public static Refusal? Require(params ReadOnlySpan<(string Pointer, string Name, string? Value, int MaxLength)> fields)
    {
        List<FieldError> errors = [];
        foreach (var (pointer, name, value, maxLength) in fields)
        {
            if ((string.IsNullOrEmpty(value) ? $"{name} is required." : TextRules.Check(value, name, 0, maxLength)) is { } broken)
            {
                errors.Add(new FieldError(pointer, broken));
            }
        }

        return errors.Count == 0 ? null : Refusal.Invalid(errors);
    }
}
