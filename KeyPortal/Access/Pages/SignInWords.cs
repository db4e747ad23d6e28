namespace KeyPortal.Access.Pages;

/// <summary>Sign-ins in words.</summary>
public static class SignInWords
{
    /// <summary>What was shown, as it follows "with".</summary>
    public static string Of(SignInMethod method) => method switch
    {
        SignInMethod.Password => "a password",
        SignInMethod.PasswordAndTotp => "a password and a code",
        SignInMethod.PasswordAndRecoveryCode => "a password and a recovery code",
        SignInMethod.PasswordAndPasskey => "a password and a passkey",
        _ => "a passkey",
    };

    public static string Of(RecentSignIn signIn) => signIn switch
    {
        { Succeeded: true, Method: { } method } => $"Signed in with {Of(method)}",
        { Succeeded: true } => "Signed in",
        { Reason: "wrong_password" } => "Refused: wrong password",
        { Reason: "wrong_second_factor" } => "Refused: right password, wrong second factor",
        { Reason: "second_factor_locked" } => "Refused: second factor locked after wrong codes",
        { Reason: { } reason } when reason.Contains("passkey", StringComparison.Ordinal) => "Refused: passkey not accepted",
        _ => "Refused",
    };
}
