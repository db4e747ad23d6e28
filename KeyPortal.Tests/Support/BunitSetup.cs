using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace KeyPortal.Tests.Support;

/// <summary>bUnit was built against an older AngleSharp.Diffing than the one that is restored; the newer one serves.</summary>
internal static class BunitSetup
{
    [ModuleInitializer]
    internal static void Bind() => AssemblyLoadContext.Default.Resolving += (context, name) =>
        name is { Name: "AngleSharp.Diffing", Version: not null } ? context.LoadFromAssemblyName(new AssemblyName(name.Name)) : null;
}
