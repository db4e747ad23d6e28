namespace KeyPortal.Tests.Support;

/// <summary>One portal with its cast for all tests of a class: for tests that do not disturb each other.</summary>
public sealed class SharedPortal : IAsyncLifetime
{
    public Portal Portal { get; } = new(("KeyPortal:Policy:KeysPerMember", "100000"));

    public Cast Cast { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cast = await Cast.EnterAsync(Portal);

    public ValueTask DisposeAsync() => Portal.DisposeAsync();
}
