using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Bench.Memory;

/// <summary>The memory of this process, in bytes.</summary>
/// <param name="Private">What only this process has: on Linux the resident anonymous memory (<c>RssAnon</c>), else its private bytes.</param>
/// <param name="SharedFiles">What each file in shared memory takes that this process holds open, by what identifies it on this machine: processes that share memory
/// name the same files. Linux only, else none.</param>
public sealed record MemoryUse(long Private, IReadOnlyDictionary<string, long> SharedFiles)
{
    private const int BlockSize = 512;

    /// <summary>Now.</summary>
    public static MemoryUse Now()
    {
        if (OperatingSystem.IsLinux()) return new(Anonymous(), OpenFilesInMemory());
        using var self = Process.GetCurrentProcess();
        return new(self.PrivateMemorySize64, new Dictionary<string, long>(StringComparer.Ordinal));
    }

    private static long Anonymous()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    // By what is allocated: a file may be longer than what was ever written to it.
    [SupportedOSPlatform("linux")]
    private static Dictionary<string, long> OpenFilesInMemory()
    {
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        Span<byte> status = stackalloc byte[Libc.StatXBytes];
        foreach (var descriptor in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (!IsInMemory(TargetOf(descriptor)) || Libc.StatX(Libc.FromHere, descriptor, 0, Libc.StatXInodeAndBlocks, ref MemoryMarshal.GetReference(status)) != 0) continue;
            var file = $"{MemoryMarshal.Read<long>(status[Libc.StatXDevice..]):x}/{MemoryMarshal.Read<long>(status[Libc.StatXInode..])}";
            files[file] = BlockSize * MemoryMarshal.Read<long>(status[Libc.StatXBlocks..]);
        }

        return files;
    }

    private static string TargetOf(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName ?? "";
        }
        catch (IOException)
        {
            // It was closed meanwhile.
            return "";
        }
    }

    // The runtime maps the code that it makes through a file in memory of its own.
    private static bool IsInMemory(string path) =>
        path.StartsWith("/dev/shm/", StringComparison.Ordinal) || (path.StartsWith("/memfd:", StringComparison.Ordinal) && !path.StartsWith("/memfd:doublemapper", StringComparison.Ordinal));
}
