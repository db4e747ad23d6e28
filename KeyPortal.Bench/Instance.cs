using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Mail;
using KeyPortal.Operations;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using KeyPortal.Storage;
using KeyPortal.Usage;
using KeyPortal.Validation;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KeyPortal.Bench;

/// <summary>The portal's own domain on a data directory, in this process and without HTTP: to fill an instance, and to measure parts of it.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Instance(WebApplication app, Actor owner) => (_app, Owner) = (app, owner);

    public Actor Owner { get; }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A new instance with one organization and its owner.</summary>
    public static async Task<Instance> CreateAsync(string dataDirectory, params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(
        [
            $"--KeyPortal:DataDirectory={dataDirectory}",
            "--KeyPortal:Policy:KeysPerMember=1000000",
            // The verifier is no part of what is measured, and thousands are made first.
            "--KeyPortal:Keys:BcryptCost=4",
            "--KeyPortal:Passwords:BcryptCost=4",
            .. settings,
        ]);
        builder.Logging.ClearProviders();
        builder.AddStorage();
        builder.AddMail();
        builder.AddAudit();
        builder.AddOrganizations();
        builder.AddAccess();
        builder.AddLimits();
        builder.AddKeys();
        builder.AddUsage();
        builder.AddValidation();
        builder.AddSetup();
        var app = builder.Build();
        await app.Services.PrepareAsync();
        var owner = await app.Services.GetRequiredService<FirstRun>()
            .CreateAsync(new FirstOwner("Bench", "Bench", "bench@example.com", "correct horse battery staple"), Origin.None);
        return new Instance(app, owner.Value);
    }

    public Task<PlaintextKey> IssueAsync(string name, params string[] scopes) => IssueAsync(name, withLimits: false, scopes);

    /// <summary>With limits: two rate limits and a quota, all of which are counted and none of which is ever spent.</summary>
    public async Task<PlaintextKey> IssueAsync(string name, bool withLimits, params string[] scopes)
    {
        var input = new KeyInput
        {
            Name = name,
            Scopes = scopes,
            Expiry = ExpiryInput.In(ExpiryChoice.Days90),
            RateLimits = withLimits ? [new RateLimitInput("burst", "token_bucket", 1_000_000, 60, 80), new RateLimitInput("hour", "fixed_window", 100_000_000, 3600, 80)] : [],
            Quotas = withLimits ? [new QuotaInput("day", 1_000_000_000, "hard", 80)] : [],
        };
        return (await Get<KeyIssuance>().CreateAsync(Owner, input, KeyType.Secret, KeyEnvironment.Test)).Value.Plaintext;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }
}
