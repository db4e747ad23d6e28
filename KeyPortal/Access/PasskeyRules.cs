using KeyPortal.Primitives;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

/// <summary>
/// What KeyPortal asks of the framework's passkeys (W3C Web Authentication Level 3). A passkey signs in by itself, so its device must have checked that
/// it is its owner who holds it: that makes two factors of one.
/// </summary>
internal sealed class PasskeyRules(IOptions<PublicSettings> settings) : IConfigureOptions<IdentityPasskeyOptions>
{
    /// <summary>How many an account may have.</summary>
    public const int Most = 20;
    public const int MaxNameLength = 60;

    /// <summary>How long a person may take to find the device, the finger or the PIN.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public void Configure(IdentityPasskeyOptions options)
    {
        var publicUrl = settings.Value.PublicUrl;
        // A passkey is bound to this name for good. Absent, the framework takes the request's host: a browser never sends a passkey of another site there.
        options.ServerDomain = publicUrl is null ? null : new Uri(publicUrl).IdnHost;
        options.AuthenticatorTimeout = Patience;
        options.UserVerificationRequirement = "required";
        // Kept by the device together with the account's id, so that signing in needs no e-mail address.
        options.ResidentKeyRequirement = "required";
        options.ValidateOrigin = context => ValueTask.FromResult(IsOwn(context, publicUrl));
    }

    /// <summary>Null when a name is acceptable, else why not.</summary>
    public static Refusal? RefuseName(string? name) =>
        TextRules.Check(name, "The name", 1, MaxNameLength) is { } broken ? Refusal.Invalid("/name", broken) : null;

    /// <summary>Our own pages and none in a frame of another site: such a page could show anything around the question that the person answers.</summary>
    private static bool IsOwn(PasskeyOriginValidationContext context, string? publicUrl) =>
        !context.CrossOrigin && context.TopOrigin is null && string.Equals(context.Origin, OwnOrigin.For(context.HttpContext.Request, publicUrl), StringComparison.Ordinal);
}
