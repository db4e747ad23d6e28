namespace KeyPortal.Cli;

/// <summary>The program's features, as Program.cs puts them together: what a host needs, and what answers requests.</summary>
internal sealed record Composition(Action<WebApplicationBuilder> Add, Action<WebApplication> Use);
