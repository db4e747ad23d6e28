namespace KeyPortal.Bench;

/// <summary>
/// The published portal and the bare endpoint by turns, under the same client and on the same machine. Rounds are interleaved, so that whatever
/// else the machine does meets both; a round's ratio compares two neighbours.
/// </summary>
internal static class ValidateComparison
{
    private sealed record Side(string Name, ServerProcess Server, ValidateCall[] Calls)
    {
        public List<LoadFigures> Rounds { get; } = [];
    }

    public static async Task<int> RunAsync(Options options)
    {
        var folder = Directory.CreateTempSubdirectory("keyportal-bench-").FullName;
        try
        {
            var data = Path.Combine(folder, "data");
            Console.WriteLine("Publishing the portal …");
            var assembly = await PublishedPortal.PublishAsync(Path.Combine(folder, "portal"));
            Console.WriteLine("Making keys …");
            var limits = options.Number("limits", 0);
            var (caller, keys) = await SeedAsync(data, options.Number("keys", 1000), limits != 0);
            var port = options.Number("port", 5300);
            var refused = options.Number("refused", 0);
            using var portal = await ServerProcess.StartAsync(port, assembly, $"--urls=http://127.0.0.1:{port}", $"--KeyPortal:DataDirectory={data}");
            using var bare = await ServerProcess.StartAsync(port + 1, typeof(BareEndpoint).Assembly.Location, "bare", "--port", $"{port + 1}", "--limits", $"{limits}");
            Compare(
                new Side("portal", portal, ValidateCalls.Make(port, caller, keys, refused, decides: true)),
                new Side("bare", bare, ValidateCalls.Make(port + 1, caller, keys, refused, decides: false)),
                options);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string Caller, IReadOnlyList<string> Keys)> SeedAsync(string data, int count, bool withLimits)
    {
        await using var instance = await Instance.CreateAsync(data);
        var caller = await instance.IssueAsync("Gateway", "api-keys:validate");
        var keys = new string[count];
        for (var i = 0; i < count; i++)
        {
            keys[i] = (await instance.IssueAsync($"Integration {i:0000}", withLimits, "triggers:read", "events:read")).Expose();
        }

        return (caller.Expose(), keys);
    }

    private static void Compare(Side portal, Side bare, Options options)
    {
        var connections = options.Number("connections", 16);
        var duration = TimeSpan.FromSeconds(options.Number("seconds", 5));
        Console.WriteLine("Warming up …");
        foreach (var side in (Side[])[portal, bare])
        {
            Load.Run(side.Server, side.Calls, connections, TimeSpan.FromSeconds(options.Number("warm-up", 6)));
        }

        Console.WriteLine("round   server    requests/s   p50 µs   p99 µs   server CPU µs/request");
        List<double> ratios = [], costs = [];
        for (var round = 1; round <= options.Number("rounds", 7); round++)
        {
            // By turns who is first: A B, B A, A B, …
            Side[] order = round % 2 == 1 ? [portal, bare] : [bare, portal];
            foreach (var side in order)
            {
                var figures = Load.Run(side.Server, side.Calls, connections, duration);
                side.Rounds.Add(figures);
                Print($"{round,5}", side.Name, figures.PerSecond, figures.P50.TotalMicroseconds, figures.P99.TotalMicroseconds, figures.ServerMicrosecondsEach);
            }

            ratios.Add(portal.Rounds[^1].PerSecond / bare.Rounds[^1].PerSecond);
            costs.Add(portal.Rounds[^1].ServerMicrosecondsEach / bare.Rounds[^1].ServerMicrosecondsEach);
        }

        foreach (var side in (Side[])[portal, bare])
        {
            Print("  all", side.Name, Median(side.Rounds.Select(r => r.PerSecond)), Median(side.Rounds.Select(r => r.P50.TotalMicroseconds)),
                Median(side.Rounds.Select(r => r.P99.TotalMicroseconds)), Median(side.Rounds.Select(r => r.ServerMicrosecondsEach)));
        }

        Console.WriteLine($"server CPU a request, portal over bare: {Median(costs):0.00} (rounds {costs.Min():0.00} to {costs.Max():0.00})");
        Console.WriteLine($"ratio {Median(ratios):0.00} (median of {ratios.Count} rounds, {ratios.Min():0.00} to {ratios.Max():0.00})");
    }

    private static void Print(string round, string name, double perSecond, double p50, double p99, double cpu) =>
        Console.WriteLine($"{round}   {name,-8}  {perSecond,10:#,0}   {p50,6:0}   {p99,6:0}   {cpu,8:0.0}");

    private static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
