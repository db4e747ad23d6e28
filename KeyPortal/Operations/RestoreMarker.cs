using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Operations;

/// <summary>
/// A file that stands in the data directory while a restore swaps files, and says where the replaced ones are. A server that found half a swap
/// would start an empty instance or pair a database with another's log.
/// </summary>
internal static class RestoreMarker
{
    private const string Name = "restoring";

    public static void Set(DataDirectory data, string aside)
    {
        File.Delete(data.File(Name));
        DataDirectory.WriteSecret(data.File(Name), System.Text.Encoding.UTF8.GetBytes(aside));
    }

    public static void Clear(DataDirectory data) => File.Delete(data.File(Name));

    /// <summary>The folder of the replaced files of an interrupted restore; null when there is none.</summary>
    public static string? Find(DataDirectory data) => File.Exists(data.File(Name)) ? File.ReadAllText(data.File(Name)) : null;

    public static void RefuseInterrupted(DataDirectory data)
    {
        if (Find(data) is { } aside)
        {
            throw new StartupException($"A restore was interrupted here. Run restore again; what it was replacing is in {aside}.");
        }
    }
}
