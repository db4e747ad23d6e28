using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Storage;
using Microsoft.Extensions.Options;
using Microsoft.FeatureManagement;

namespace KeyPortal.Setup;

/// <summary>The program's own commands on a clock of their own, which is set to when each act is to have happened.</summary>
internal sealed class PastCommands : IDisposable
{
    private readonly PastClock _clock = new();

    public PastCommands(IServiceProvider services)
    {
        Services = services;
        T Make<T>(params object[] with) => ActivatorUtilities.CreateInstance<T>(services, with);
        Writer = Make<Writer>(_clock);
        Gate = Make<PermissionGate>(Writer, _clock);
        // Not the instance's policy nor its switch: the demonstration's keys must be possible whatever the settings say.
        FirstRun = Make<FirstRun>(Writer, Options.Create(new PolicySettings()));
        Enrolment = Make<TotpEnrolment>(Writer);
        var management = Make<KeyManagement>(new FeatureManager(new ConfigurationFeatureDefinitionProvider(new ConfigurationBuilder().AddInMemoryCollection([KeyManagement.Default]).Build())));
        Issuance = Make<KeyIssuance>(Writer, Gate, management, _clock);
        var change = Make<KeyChange>(Writer, Gate);
        Editing = Make<KeyEditing>(change, Gate, management);
        Suspension = Make<KeySuspension>(change, management);
        Revocation = Make<KeyRevocation>(change, management);
        Rotation = Make<KeyRotation>(change, Gate, management);
    }

    public IServiceProvider Services { get; }

    public Writer Writer { get; }

    public PermissionGate Gate { get; }

    public FirstRun FirstRun { get; }

    public TotpEnrolment Enrolment { get; }

    public KeyIssuance Issuance { get; }

    public KeyEditing Editing { get; }

    public KeySuspension Suspension { get; }

    public KeyRevocation Revocation { get; }

    public KeyRotation Rotation { get; }

    public DateTimeOffset Now
    {
        get => _clock.GetUtcNow();
        set => _clock.Set(value);
    }

    public void Dispose() => Writer.Dispose();

    private sealed class PastClock : TimeProvider
    {
        private DateTimeOffset _now;

        public override DateTimeOffset GetUtcNow() => _now;

        // An audit log whose instants run backwards is no log.
        public void Set(DateTimeOffset now) => _now = now >= _now ? now : throw new InvalidOperationException("The past is told in order.");
    }
}
