using System.Text.Json.Serialization;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Usage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Setup;

/// <summary>One person of the demonstration and how to sign in as them. The password is random and printed once.</summary>
public sealed record DemonstrationPerson(string Name, Role Role, string Email, [property: JsonIgnore] string Password)
{
    public override string ToString() => $"{Name}, {SnakeCase.Of(Role)}, {Email}";
}

/// <summary>How to sign in to the demonstration.</summary>
public sealed record DemonstrationSignIn(string OrganizationName, IReadOnlyList<DemonstrationPerson> People);

/// <summary>
/// Fills an empty instance with an organization to look at: three members, a dozen keys in every state, seven months of audit log and thirty days
/// of usage in which some keys ran into their limits. It is made by the program's own commands on a clock that is set back, so nothing in it could not have happened.
/// </summary>
public sealed class Demonstration(IServiceProvider services, UsageRecorder recorder, RollupWriter rollups, LastUses uses, TimeProvider clock)
{
    public const string OrganizationName = "Acme Payments";

    /// <summary>Fills the instance. Afterwards everything is on the disk.</summary>
    /// <exception cref="InvalidOperationException">The instance is not empty.</exception>
    public async Task<DemonstrationSignIn> FillAsync(CancellationToken cancellationToken = default)
    {
        var now = clock.Now();
        using var commands = new PastCommands(services);
        if (!await commands.FirstRun.IsEmptyAsync(cancellationToken))
        {
            throw new InvalidOperationException("The demonstration needs an empty data directory; this one holds an organization.");
        }

        var history = new DemonstrationHistory(commands, now);
        await history.PlayAsync(cancellationToken);
        var limits = new DemonstrationLimits(history.OrganizationId, now);
        await new DemonstrationTraffic(recorder, rollups, limits, history.OrganizationId, now).PlayAsync(history.Keys, cancellationToken);
        await limits.WriteAsync(services.GetRequiredService<IDbContextFactory<UsageDb>>(), cancellationToken);
        if (!await rollups.FlushAsync(cancellationToken) || !await uses.WriteAsync(cancellationToken))
        {
            throw new InvalidOperationException("The demonstration's usage could not be written; the log says why. Empty the data directory and try again.");
        }

        return new DemonstrationSignIn(OrganizationName, history.People);
    }
}
