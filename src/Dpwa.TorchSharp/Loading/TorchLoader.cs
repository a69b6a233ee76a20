using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Dpwa.TorchSharp;

/// <summary>
/// Lets TorchSharp's native library load on Linux systems whose C++ runtime is older than the one that it was linked against
/// (Debian 12, Ubuntu 22.04, RHEL 9). Where the normal load works, nothing happens. A C# program that references this package needs
/// no call: the package compiles one into it. Programs in other languages call <see cref="Install"/> before their first use of TorchSharp.
/// </summary>
public static class TorchLoader
{
    private static int _installed;

    /// <summary>Offers help to the runtime, for the case that it finds no way to load <c>LibTorchSharp</c>. Cheap, idempotent, and without effect
    /// on other systems than Linux.</summary>
    public static void Install()
    {
        if (!OperatingSystem.IsLinux() || Interlocked.Exchange(ref _installed, 1) != 0)
            return;
        AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(typeof(TorchLoader).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += Resolve;
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Loading must be possible before any member of this assembly is called.")]
    internal static void Initialize() => Install();

    private static nint Resolve(Assembly assembly, string name)
    {
        if (!OperatingSystem.IsLinux() || Path.GetFileNameWithoutExtension(name) is not ("LibTorchSharp" or "libLibTorchSharp"))
            return 0;
        return Loading.OlderLinux.Load(assembly);
    }
}
