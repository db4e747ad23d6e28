using System.Globalization;
using KeyPortal.Components;
using KeyPortal.Keys.Bulk;
using KeyPortal.Primitives;
using KeyPortal.Usage;

namespace KeyPortal.Keys.Pages.Bulk;

/// <summary>
/// An act on many keys on its way: looked at, confirmed by its number, done. The number that is sent is the one that was shown; where it has changed
/// meanwhile nothing is done, and the person is shown the new one.
/// </summary>
public sealed class BulkAsking(PageActs acts, UsageQueries usage, Action onChange) : IDisposable
{
    private const int Busiest = 10_000;

    private CancellationTokenSource? _stop;
    private Func<Actor, Task<Outcome<BulkPreview>>>? _look;

    public BulkPreview? Preview { get; private set; }

    /// <summary>Valid calls of the last 24 hours with these keys; null where they are not known.</summary>
    public long? Calls { get; private set; }

    public Refusal? Refusal { get; private set; }

    /// <summary>What to tell about a number that is another now.</summary>
    public string? Changed { get; private set; }

    /// <summary>The number that the person typed to confirm.</summary>
    public string Typed { get; set; } = "";

    public bool IsBusy { get; private set; }

    public bool IsStopping => _stop?.IsCancellationRequested == true;

    /// <summary>How many keys have had their turn.</summary>
    public int Passed { get; private set; }

    public bool HasTypedCount => int.TryParse(Typed.Trim(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var typed) && typed == Preview?.Count;

    public async Task LookAsync(Func<Actor, Task<Outcome<BulkPreview>>> look)
    {
        (_look, Preview, Calls, Refusal, Changed, Typed) = (look, null, null, null, null, "");
        if (await acts.TryAsync(actor => PreviewAsync(actor, look)) is { } looked)
        {
            _ = looked.Succeeded(out var preview, out var refusal);
            (Preview, Refusal) = (preview, refusal);
        }
    }

    /// <summary>Back to where nothing has been looked at.</summary>
    public void Forget() => (_look, Preview, Calls, Refusal, Changed, Typed) = (null, null, null, null, null, "");

    /// <summary>Does it for as many keys as were shown; null when it was not done, and <see cref="Refusal"/> or <see cref="Changed"/> says why.</summary>
    public async Task<T?> RunAsync<T>(Func<Actor, int, BulkWatch, Task<Outcome<T>>> act) where T : class
    {
        if (IsBusy || Preview is not { Count: > 0 } shown || _look is not { } look)
        {
            return null;
        }

        (IsBusy, Passed, Refusal, Changed) = (true, 0, null, null);
        _stop?.Dispose();
        var stop = _stop = new CancellationTokenSource();
        var outcome = await acts.TryAsync(actor => act(actor, shown.Count, new BulkWatch(Hear, stop.Token)));
        IsBusy = false;
        T? done = null;
        if (outcome is { } answered && !answered.Succeeded(out done, out var refusal))
        {
            await TellAsync(refusal, shown.Count, look);
        }

        return done;
    }

    /// <summary>Ends it before the next key; what is done stays done.</summary>
    public void Stop() => _stop?.Cancel();

    public void Dispose() => _stop?.Dispose();

    private void Hear(int passed)
    {
        Passed = passed;
        onChange();
    }

    private async Task TellAsync(Refusal refusal, int before, Func<Actor, Task<Outcome<BulkPreview>>> look)
    {
        if (refusal.Code != "count_mismatch")
        {
            Refusal = refusal;
            return;
        }

        await LookAsync(look);
        if (Preview is { } now)
        {
            Changed = $"Meanwhile the number has changed: it was {KeyWords.Count(before, "key", "keys")}, and it is {now.Count:N0} now. Nothing was done. Look again, and confirm if it is what you want.";
        }
    }

    private async Task<Outcome<BulkPreview>> PreviewAsync(Actor actor, Func<Actor, Task<Outcome<BulkPreview>>> look)
    {
        var looked = await look(actor);
        if (looked.Succeeded(out var preview, out _) && (await usage.BusiestKeysAsync(actor, UsagePeriod.Hours24, Busiest)).Succeeded(out var busiest, out _))
        {
            var meant = preview.Ids.ToHashSet(StringComparer.Ordinal);
            Calls = busiest.Where(b => meant.Contains(b.KeyId)).Sum(b => b.Calls - b.Refused);
        }

        return looked;
    }
}
