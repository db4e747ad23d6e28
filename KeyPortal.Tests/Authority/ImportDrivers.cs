using KeyPortal.Keys.Imports;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Authority;

internal static partial class CommandDrivers
{
    private static IEnumerable<KeyValuePair<string, CommandDriver>> Imports =>
    [
        new("KeyImport.ImportAsync", Unaimed(async (s, a) => OfOne(await s.Get<KeyImport>().ImportAsync(a, [Imported.ItemOf($"legacy-key-{Guid.NewGuid():n}")])))),
        new("KeyImport.PreviewAsync", Unaimed(async (s, a) => OfOne(await s.Get<KeyImport>().PreviewAsync(a, [Imported.ItemOf($"legacy-key-{Guid.NewGuid():n}")])))),
    ];

    /// <summary>An item may be refused where the import is not.</summary>
    private static Outcome<bool> OfOne(Outcome<IReadOnlyList<ImportAnswer>> answers) => answers.Refusal ?? answers.Value[0].Refusal ?? (Outcome<bool>)true;
}
