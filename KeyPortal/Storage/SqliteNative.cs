using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace KeyPortal.Storage;

/// <summary>
/// Binds EF Core's SQLite provider to the SQLite library of the machine, or to the one that ships beside the program where the machine has none.
/// See docs/decisions/0006-sqlite-library.md.
/// </summary>
public static class SqliteNative
{
    /// <summary>Set to <c>bundled</c> to pass over the system's library: for tests of the fallback.</summary>
    public const string ChoiceVariable = "KEYPORTAL_SQLITE_LIBRARY";

    /// <summary>The library in use: a system library's name, or <c>bundled</c>.</summary>
    public static string Library { get; private set; } = "none";

    /// <summary>The SQLite version in use, such as <c>3.40.1</c>.</summary>
    public static string Version => SQLitePCL.raw.sqlite3_libversion().utf8_to_string();

    public static bool IsBundled => Library == "bundled";

    // CA2255: EF Core touches SQLitePCLRaw before any line of Program.cs could run in a test host or a design-time tool.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Bind()
    {
        // EF Core was compiled against SQLitePCLRaw 2.1; asking without a version binds the 2.0.6 that is here.
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            name.Name == "SQLitePCLRaw.core" && name.Version is not null ? context.LoadFromAssemblyName(new AssemblyName(name.Name)) : null;
        UseProvider();
    }

    // Not inlined: its types must not load before the hook above is set.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseProvider()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, static (name, assembly, path) =>
        {
            if (name != "e_sqlite3")
            {
                return IntPtr.Zero;
            }

            if (Environment.GetEnvironmentVariable(ChoiceVariable) != "bundled")
            {
                foreach (var candidate in SystemLibraries())
                {
                    if (NativeLibrary.TryLoad(candidate, out var handle))
                    {
                        Library = candidate;
                        return handle;
                    }
                }
            }

            Library = "bundled";
            return NativeLibrary.TryLoad(name, assembly, path, out var bundled) ? bundled : IntPtr.Zero;
        });
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
    }

    private static string[] SystemLibraries() =>
        OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["/usr/lib/libsqlite3.dylib", "libsqlite3.dylib"]
        : ["libsqlite3.so.0"];
}
