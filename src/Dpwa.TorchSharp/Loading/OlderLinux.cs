using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Dpwa.TorchSharp.Loading;

/// <summary>Loads a copy of <c>libLibTorchSharp.so</c> that asks only for what an older libstdc++ (gcc 11 and later) has.</summary>
internal static class OlderLinux
{
    private const string Binding = "libLibTorchSharp.so";

    /// <summary>
    /// TorchSharp 0.107.0 is linked with gcc 13. Two of its symbols are newer than gcc 11, and neither needs to be:
    /// <c>std::ios_base_library_init()</c> is only a marker that the library initialises the standard streams by itself, which older ones do not
    /// need since each object file does it; a call without arguments and effects (<c>std::get_terminate()</c>) takes its place.
    /// <c>std::condition_variable::wait</c> got a new version for a change of its exception specification; the older one does the same.
    /// </summary>
    internal static readonly IReadOnlyList<ElfVersionRedirect> Redirects =
    [
        new("GLIBCXX_3.4.32", "GLIBCXX_3.4.20", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["_ZSt21ios_base_library_initv"] = "_ZSt13get_terminatev",
        }),
        new("GLIBCXX_3.4.30", "GLIBCXX_3.4.11", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE"] = "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE",
        }),
    ];

    /// <summary>A handle of the loaded copy, or 0 when the cause is not the age of the system.</summary>
    /// <exception cref="DllNotFoundException">The cause is the age of the system, and no copy could be made or loaded. Says what to do.</exception>
    [SupportedOSPlatform("linux")]
    public static nint Load(Assembly assembly)
    {
        // Not there at all: TorchSharp's own message about a missing libtorch package is the right one.
        if (Find(Binding, assembly) is not { } binding || Find("libtorch.so", assembly) is not { } torch || SystemIsNewEnough())
            return 0;
        try
        {
            if (ElfVersionPatch.Apply(File.ReadAllBytes(binding), Redirects) is not { } patched)
                return 0;

            // First libtorch, by its place: the copy lies elsewhere, and its own search would not find it.
            NativeLibrary.Load(torch);
            return PatchedLibraryCache.Load(Binding, patched);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException)
        {
            string message =
                $"{binding} asks for a newer C++ runtime (GLIBCXX_3.4.32, gcc 13) than this system has, and loading a copy adapted to the older one failed: "
                + $"{e.Message} Use a system with libstdc++ of gcc 13 or later (Debian 13, Ubuntu 24.04, RHEL 10), or set {PatchedLibraryCache.Variable} to a "
                + "directory of yours on a file system without noexec.";

            // TorchSharp catches what is thrown here and reports a missing package, with this only deep in its trace.
            Console.Error.WriteLine($"Dpwa: {message}");
            throw new DllNotFoundException(message, e);
        }
    }

    private static bool SystemIsNewEnough() =>
        NativeLibrary.TryLoad("libstdc++.so.6", out nint runtime) && NativeLibrary.TryGetExport(runtime, "_ZSt21ios_base_library_initv", out _);

    private static string? Find(string file, Assembly assembly)
    {
        string system = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        IEnumerable<string> directories = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (string root in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(assembly.Location) ?? "" })
        {
            if (root.Length != 0)
                directories = directories.Append(Path.Combine(root, "runtimes", system, "native")).Append(root);
        }

        return directories.Select(d => Path.Combine(d, file)).FirstOrDefault(File.Exists);
    }
}
