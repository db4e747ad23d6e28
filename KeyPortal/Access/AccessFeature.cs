using System.Net;
using KeyPortal.Access.Members;
using KeyPortal.Access.Tokens;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace KeyPortal.Access;

public static class AccessFeature
{
    public const string SignInPath = "/sign-in";

    /// <summary>Where members go who must have a second factor and have none.</summary>
    public const string SetUpSecondFactorPath = "/account/authenticator";

    public static void AddAccess(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<PasswordSettings>().BindConfiguration(PasswordSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PublicSettings>().BindConfiguration(PublicSettings.Section).ValidateOnStart();
        services.AddSingleton<Microsoft.Extensions.Options.IValidateOptions<PublicSettings>, ValidatePublicSettings>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<IPasswordHasher<IdentityUser>, BcryptPasswordHasher>();
        services.AddIdentityCore<IdentityUser>(Configure).AddEntityFrameworkStores<KeyPortalDb>();
        services.AddSingleton<PasswordGate>();
        services.AddOptions<SessionSettings>().BindConfiguration(SessionSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<GuessSettings>().BindConfiguration(GuessSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<GuessLimits>();
        services.AddSingleton<KnownDevices>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<SessionChanges>();
        services.AddSingleton<SessionBeginning>();
        services.AddSingleton<OwnAccount>();
        services.AddSingleton<OwnSessions>();
        services.AddSingleton<RecentSignIns>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<AccountMail>();
        services.AddSingleton<TotpVault>();
        services.AddSingleton<SecondFactorCheck>();
        services.AddSingleton<SecondStep>();
        services.AddSingleton<SecondFactorList>();
        services.AddSingleton<SecondFactorDemand>();
        services.AddSingleton<FactorChanges>();
        services.AddSingleton<SecondFactorRemoval>();
        services.AddPasskeys();
        services.AddPasswordChanges();
        services.AddSingleton<TotpEnrolment>();
        services.AddSingleton<SecondFactorReset>();
        services.AddSingleton<RecoveryCodeRenewal>();
        services.AddSingleton<OwnPassword>();
        services.AddSingleton<Confirmation>();
        services.AddScoped<CurrentMember>();
        builder.AddMembers();
        services.AddCascadingAuthenticationState();
        services.AddAuthorization();
        services.AddAuthentication(SessionClaims.Scheme).AddCookie(SessionClaims.Scheme, Configure);
        services.AddAntiforgery(options => options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        services.AddSingleton<Sweeper>();
        services.AddHostedService<Sweeping>();
        AddProtectionRing(services);
        builder.AddTokens();
    }

    /// <summary>Signs people in by cookie, and notes on each signed-in request where it comes from.</summary>
    public static void UseAccess(this IApplicationBuilder app)
    {
        app.UseAuthentication();
        app.UseCircuitDoor();
        app.Use(static (context, next) =>
        {
            SessionClaims.Stamp(context.User, AddressOf(context.Connection.RemoteIpAddress), context.Request.Headers.UserAgent);
            return next(context);
        });
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    /// <summary>An address as text, an IPv4 one never in its IPv6 disguise (<c>::ffff:10.0.0.1</c>).</summary>
    public static string? AddressOf(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();

    private static void Configure(IdentityOptions options)
    {
        options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
        options.User.RequireUniqueEmail = true;
        options.User.AllowedUserNameCharacters = ""; // The user name is the e-mail address, in any script.
        options.Password = new PasswordOptions
        {
            RequiredLength = PasswordSettings.MinLength,
            RequireDigit = false,
            RequireLowercase = false,
            RequireUppercase = false,
            RequireNonAlphanumeric = false,
        };
        options.Lockout = new LockoutOptions { MaxFailedAccessAttempts = WrongPasswords.Most, DefaultLockoutTimeSpan = WrongPasswords.LockFor, AllowedForNewUsers = true };
    }

    private static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "keyportal";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Cookie.Path = "/";
        options.CookieManager = new SessionCookies();
        options.LoginPath = SignInPath;
        options.AccessDeniedPath = SignInPath;
        options.ReturnUrlParameter = "return";
        // The session decides how long it lives; the cookie only has to live longer.
        options.ExpireTimeSpan = TimeSpan.FromDays(31);
        options.SlidingExpiration = false;
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        var sessions = http.RequestServices.GetRequiredService<Sessions>();
        if (context.Principal is { } principal && SessionClaims.Read(principal) is { } known
            && await sessions.FindLiveAsync(known.SessionId, known.UserId, http.RequestAborted) is { } session)
        {
            await sessions.TouchAsync(session, new Primitives.Origin(AddressOf(http.Connection.RemoteIpAddress), http.Request.Headers.UserAgent, null), http.RequestAborted);
            return;
        }

        context.RejectPrincipal();
    }

    private static void AddProtectionRing(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("KeyPortal");
        services.AddOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>()
            .Configure<DataDirectory, ILoggerFactory>((options, data, loggers) =>
                options.XmlRepository = new Microsoft.AspNetCore.DataProtection.Repositories.FileSystemXmlRepository(
                    Directory.CreateDirectory(data.ProtectionRing), loggers));
    }
}
