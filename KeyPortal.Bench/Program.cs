using KeyPortal.Bench;

const string Help = """
    Measures KeyPortal. Build with -c Release.

      validate   validations over HTTP by the published portal, against a bare ASP.NET Core endpoint
                 --seconds 5  --connections 16  --rounds 7  --warm-up 6  --keys 1000  --refused 0 (percent)  --port 5300
                 --limits 0 (1: two rate limits and a quota on every key)
      micro      the parts of a validation, in process: nanoseconds and bytes a call
                 --seconds 1
      memory     what a full cache costs
                 --keys 200000
      counters   what a counter of a key with one rate limit costs in memory, and that idle ones leave it
                 --keys 1000000
      rollups    what a batch of usage costs that has many minutes, as after an outage of the disk
                 --keys 1000  --minutes 60
      timing     does an answer's time tell whether an e-mail address has an account? sign-in and forgotten password, in process
                 --pairs 1000
      bare       the bare endpoint alone, until it is killed
                 --port 5301
    """;

var options = Options.Parse(args.Skip(1));
switch (args.FirstOrDefault())
{
    case "validate":
        return await ValidateComparison.RunAsync(options);
    case "micro":
        await MicroRun.RunAsync(options);
        return 0;
    case "memory":
        await MemoryRun.RunAsync(options);
        return 0;
    case "counters":
        CountersRun.Run(options);
        return 0;
    case "rollups":
        await RollupsRun.RunAsync(options);
        return 0;
    case "timing":
        await TimingRun.RunAsync(options);
        return 0;
    case "bare":
        await BareEndpoint.RunAsync(options.Number("port", 5301), withLimits: options.Number("limits", 0) != 0);
        return 0;
    default:
        Console.Error.WriteLine(Help);
        return 2;
}
