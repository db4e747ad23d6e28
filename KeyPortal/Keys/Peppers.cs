namespace KeyPortal.Keys;

/// <summary>
/// The instance's peppers as they were at start. Secrets are indexed under the newest; those still indexed under an older one are found by it, and indexed
/// anew at their next use.
/// </summary>
public sealed class Peppers : IDisposable
{
    /// <summary>Reads them, or makes the first.</summary>
    public Peppers(PepperFiles files)
    {
        All = files.Read();
        if (All.Count == 0)
        {
            var first = files.Prepare();
            files.Finish(first);
            All = [first];
        }
    }

    public Pepper Current => All[0];

    public IEnumerable<Pepper> Older => All.Skip(1);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<Pepper> All { get; }

    public void Dispose()
    {
        foreach (var pepper in All)
        {
            pepper.Dispose();
        }
    }
}
