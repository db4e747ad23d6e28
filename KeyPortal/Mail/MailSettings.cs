using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Options;

namespace KeyPortal.Mail;

/// <summary>Settings <c>KeyPortal:Mail:*</c>: the SMTP server that takes this instance's mails. Without a host there is none.</summary>
public sealed class MailSettings
{
    public const string Section = "KeyPortal:Mail";

    public string? Host { get; set; }

    public int Port { get; set; } = 587;

    /// <summary>
    /// <c>starttls</c> (RFC 3207; a server that does not offer it gets no mail) or <c>none</c>. The framework's client knows no TLS from the first byte (port 465).
    /// </summary>
    public string Security { get; set; } = StartTls;

    public string? UserName { get; set; }

    public string? Password { get; set; }

    /// <summary>The sender: an address, or <c>Name &lt;address&gt;</c>.</summary>
    public string? From { get; set; }

    internal const string StartTls = "starttls";
    internal const string None = "none";
}

internal sealed class ValidateMailSettings : IValidateOptions<MailSettings>
{
    private const int ImplicitTls = 465;

    public ValidateOptionsResult Validate(string? name, MailSettings options) =>
        string.IsNullOrEmpty(options.Host) || BrokenRule(options) is not { } broken ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail($"KeyPortal:Mail:{broken}");

    private static string? BrokenRule(MailSettings options) => options switch
    {
        { Host: var host } when Uri.CheckHostName(host) == UriHostNameType.Unknown => $"Host: '{host}' is neither a host's name nor an address.",
        { Port: < 1 or > IPEndPoint.MaxPort } => "Port must be from 1 to 65,535.",
        { Port: ImplicitTls } => "Port 465 speaks TLS from the first byte, which KeyPortal does not. Use the server's STARTTLS port, most often 587.",
        { Security: not (MailSettings.StartTls or MailSettings.None) } => "Security must be starttls or none.",
        { UserName: null, Password: not null } or { UserName: not null, Password: null } => "UserName and Password belong together: set both or neither.",
        { Security: MailSettings.None, Password: not null, Host: var host } when !IsThisMachine(host) =>
            "Security must be starttls where there is a Password: without it the password would cross the network in the clear.",
        { From: null } => "From is required where Host is set: the sender's address.",
        { From: var from } when from.Any(char.IsControl) || !MailAddress.TryCreate(from, out _) => $"From: '{from}' is no e-mail address.",
        _ => null,
    };

    private static bool IsThisMachine(string? host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
