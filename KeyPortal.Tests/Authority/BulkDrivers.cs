using KeyPortal.Keys;
using KeyPortal.Keys.Bulk;
using KeyPortal.Offboarding;
using KeyPortal.Primitives;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Authority;

/// <summary>Acts on many keys, each tried on one.</summary>
internal static partial class CommandDrivers
{
    private static readonly Incident Harmless = new() { SeenFrom = "192.0.2.77" };

    private static IEnumerable<KeyValuePair<string, CommandDriver>> Bulk =>
    [
        new("KeyBulk.PreviewAsync", OnKey(async (s, a, key) => Known(await s.Get<KeyBulk>().PreviewAsync(a, BulkAction.Revoke, BulkSelection.Of([key]))))),
        new("KeyBulk.RevokeAsync", OnKey(async (s, a, key) => Known(await s.Get<KeyBulk>().RevokeAsync(a, BulkSelection.Of([key]), 1, RevocationReason.Unspecified)))),
        new("KeyBulk.DisableAsync", OnKey(async (s, a, key) => Known(await s.Get<KeyBulk>().DisableAsync(a, BulkSelection.Of([key]), 1)))),
        new("KeyBulk.TagAsync", OnKey(async (s, a, key) => Known(await s.Get<KeyBulk>().TagAsync(a, BulkSelection.Of([key]), 1, ["tagged"], [])))),
        new("BulkRotation.RotateAsync", OnKey(async (s, a, key) => Known(await s.Get<BulkRotation>().RotateAsync(a, BulkSelection.Of([key]), 1, new RotationInput())))),
        new("BreakGlass.PreviewAsync", Unaimed((s, a) => s.Get<BreakGlass>().PreviewAsync(a, Harmless))),
        new("BreakGlass.RevokeAsync", Unaimed((s, a) => s.Get<BreakGlass>().RevokeAsync(a, Harmless, 0, RevocationReason.KeyCompromise))),
        new("AddressQueries.KeysSeenFromAsync", Unaimed((s, a) =>
            s.Get<AddressQueries>().KeysSeenFromAsync(a, AllowedNetwork.TryParse(Harmless.SeenFrom, out var network) ? network : throw new FormatException()))),
    ];

    /// <summary>Of many keys one that is not there is a wrong field; of one it is that key which is not there.</summary>
    private static Outcome<T> Known<T>(Outcome<T> outcome) => outcome.Refusal is { Kind: RefusalKind.Invalid } ? Refusal.NotFound("key") : outcome;
}
