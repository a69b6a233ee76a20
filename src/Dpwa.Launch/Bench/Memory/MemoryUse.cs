using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Bench.Memory;

/// <summary>The memory of this process, in bytes.</summary>
/// <param name="Private">What only this process has: on Linux the resident anonymous memory (<c>RssAnon</c>), else its private bytes.</param>
/// <param name="Shared">What the files in shared memory take that this process holds open; those of peers are mapped and not held open, so they do not count. Linux only, else 0.</param>
public readonly record struct MemoryUse(long Private, long Shared)
{
    private const int BlockSize = 512;

    /// <summary>Now.</summary>
    public static MemoryUse Now()
    {
        if (OperatingSystem.IsLinux()) return new(Anonymous(), OwnSharedFiles());
        using var self = Process.GetCurrentProcess();
        return new(self.PrivateMemorySize64, 0);
    }

    private static long Anonymous()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    // By what is allocated: a file may be longer than what was ever written to it.
    [SupportedOSPlatform("linux")]
    private static long OwnSharedFiles()
    {
        var files = new Dictionary<long, long>();
        Span<byte> status = stackalloc byte[Libc.StatXBytes];
        foreach (var descriptor in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (!IsInMemory(File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName ?? "")) continue;
            if (Libc.StatX(Libc.FromHere, descriptor, 0, Libc.StatXInodeAndBlocks, ref MemoryMarshal.GetReference(status)) == 0)
                files[MemoryMarshal.Read<long>(status[Libc.StatXInode..])] = BlockSize * MemoryMarshal.Read<long>(status[Libc.StatXBlocks..]);
        }

        return files.Values.Sum();
    }

    // The runtime maps the code that it makes through a file in memory of its own.
    private static bool IsInMemory(string path) =>
        path.StartsWith("/dev/shm/", StringComparison.Ordinal) || (path.StartsWith("/memfd:", StringComparison.Ordinal) && !path.StartsWith("/memfd:doublemapper", StringComparison.Ordinal));
}
