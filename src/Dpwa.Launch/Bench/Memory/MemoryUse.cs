using System.Diagnostics;
using System.Globalization;

namespace Dpwa.Launch.Bench.Memory;

/// <summary>The memory of this process, in bytes.</summary>
/// <param name="Private">What only this process has: on Linux the resident anonymous memory (<c>RssAnon</c>), else its private bytes.</param>
/// <param name="Shared">What is resident of the files in shared memory that this process writes; those of peers are mapped to be read and do not count. Linux only, else 0.</param>
public readonly record struct MemoryUse(long Private, long Shared)
{
    /// <summary>Now.</summary>
    public static MemoryUse Now()
    {
        if (OperatingSystem.IsLinux())
            return new(Kilobytes(File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))), OwnSharedFiles(File.ReadLines("/proc/self/smaps")));
        using var self = Process.GetCurrentProcess();
        return new(self.PrivateMemorySize64, 0);
    }

    /// <summary>By the lines of smaps: a mapping's head, <c>from-to rw-s offset device inode path</c>, and below it what is resident of it.</summary>
    public static long OwnSharedFiles(IEnumerable<string> smaps)
    {
        ArgumentNullException.ThrowIfNull(smaps);
        // A file that is mapped twice is there once.
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        string? file = null;
        foreach (var line in smaps)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [_, [_, var write, _, var share], _, var device, var inode, .. var path])
                file = write == 'w' && share == 's' && IsInMemory(string.Join(' ', path)) ? $"{device}/{inode}" : null;
            else if (file is not null && words is ["Rss:", ..])
                files[file] = Math.Max(files.GetValueOrDefault(file), Kilobytes(line));
        }

        return files.Values.Sum();
    }

    // The runtime maps the code that it makes through a file in memory of its own.
    private static bool IsInMemory(string path) =>
        path.StartsWith("/dev/shm/", StringComparison.Ordinal) || (path.StartsWith("/memfd:", StringComparison.Ordinal) && !path.StartsWith("/memfd:doublemapper", StringComparison.Ordinal));

    private static long Kilobytes(string line) => 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
