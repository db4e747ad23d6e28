namespace KeyPortal.Access;

/// <summary>
/// Lets answers that must not tell whether an account exists take the same time: what one does more than the other at the database is over well before, and
/// is waited out. The work itself is made alike too, for a busy disk may take longer than this.
/// </summary>
internal static class EvenTime
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until <see cref="Least"/> has passed since <paramref name="began"/>, a timestamp of the same clock.</summary>
    public static async Task ReachAsync(TimeProvider clock, long began, CancellationToken cancellationToken)
    {
        var rest = Least - clock.GetElapsedTime(began);
        if (rest > TimeSpan.Zero)
        {
            // Whole milliseconds upwards: a timer drops what is less, and would give away the fraction.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)), clock, cancellationToken);
        }
    }
}
