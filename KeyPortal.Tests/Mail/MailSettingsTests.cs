using KeyPortal.Mail;

namespace KeyPortal.Tests.Mail;

public sealed class MailSettingsTests
{
    private static readonly MailSettings Good = new() { Host = "smtp.example.com", From = "keys@example.com", UserName = "keys", Password = "secret" };

    [Theory]
    [InlineData("smtp.example.com", 587, "starttls", "keys", "secret", "keys@example.com")]
    [InlineData("smtp.example.com", 25, "none", null, null, "Keys of Acme <keys@example.com>")]
    [InlineData("127.0.0.1", 25, "none", "keys", "secret", "keys@example.com")]
    [InlineData("localhost", 25, "none", "keys", "secret", "keys@example.com")]
    [InlineData("", 465, "tls", null, null, null)]
    public void These_settings_hold_together(string host, int port, string security, string? user, string? password, string? from) =>
        Check(new() { Host = host, Port = port, Security = security, UserName = user, Password = password, From = from }).ShouldBeNull();

    [Fact]
    public void A_wrong_one_is_named_with_what_to_do()
    {
        Check(With(m => m.Host = "smtp example")).ShouldStartWith("KeyPortal:Mail:Host: 'smtp example'");
        Check(With(m => m.Port = 0)).ShouldBe("KeyPortal:Mail:Port must be from 1 to 65,535.");
        Check(With(m => m.Port = 465)).ShouldNotBeNull().ShouldContain("STARTTLS port, most often 587");
        Check(With(m => m.Security = "tls")).ShouldBe("KeyPortal:Mail:Security must be starttls or none.");
        Check(With(m => m.Security = "none")).ShouldNotBeNull().ShouldContain("in the clear");
        Check(With(m => m.UserName = null)).ShouldNotBeNull().ShouldContain("belong together");
        Check(With(m => m.From = null)).ShouldNotBeNull().ShouldContain("From is required");
        Check(With(m => m.From = "nobody")).ShouldBe("KeyPortal:Mail:From: 'nobody' is no e-mail address.");
        Check(With(m => m.From = "a@b.example\r\nBcc: c@d.example")).ShouldNotBeNull().ShouldContain("is no e-mail address");
    }

    private static MailSettings With(Action<MailSettings> change)
    {
        var settings = new MailSettings { Host = Good.Host, Port = Good.Port, Security = Good.Security, UserName = Good.UserName, Password = Good.Password, From = Good.From };
        change(settings);
        return settings;
    }

    private static string? Check(MailSettings settings) => new ValidateMailSettings().Validate(null, settings).FailureMessage;
}
