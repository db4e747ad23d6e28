using System.Security.Cryptography;

namespace KeyPortal.Primitives;

/// <summary>
/// Names one request: <c>req_</c>, the time, and a counter that starts at a random number. Made for every validation, so it
/// draws no random bytes per call; unique within a process, and beyond it with the odds of a 64-bit random start.
/// </summary>
public static class RequestId
{
    private static ulong _last = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public static string New(DateTimeOffset now) => string.Create(30, (now, Interlocked.Increment(ref _last)), static (span, state) =>
    {
        "req_".CopyTo(span);
        EntityId.WriteTime(span[4..14], state.now);
        EntityId.WriteNumber(span[14..], state.Item2);
    });
}
