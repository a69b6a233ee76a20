using System.Globalization;

namespace Dpwa.Launch.Processes;

/// <summary>A line of Linux's process table.</summary>
internal readonly record struct ProcessEntry(int Id, int Session, bool IsAlive, string StartTicks);

/// <summary>Reads Linux's <c>/proc</c>. Elsewhere it is empty.</summary>
internal static class ProcessTable
{
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && File.Exists("/proc/self/stat");

    /// <summary>The processes that are alive; one that has ended and was not yet collected (a zombie) is not.</summary>
    public static IEnumerable<ProcessEntry> Alive() => Ids().Select(Find).OfType<ProcessEntry>().Where(entry => entry.IsAlive);

    /// <summary>The living processes whose environment had this <c>NAME=value</c> when they were started, wherever they have moved since.</summary>
    public static IEnumerable<int> AliveWithVariable(string variable) => Alive().Select(entry => entry.Id).Where(id => HasVariable(id, variable));

    public static ProcessEntry? Find(int id)
    {
        // "pid (name) state ppid pgrp session ... starttime(22nd) ...": the name may hold blanks and brackets, so count from its last bracket.
        if (!IsSupported || Read($"/proc/{id}/stat") is not { } stat) return null;
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new(id, int.Parse(fields[3], CultureInfo.InvariantCulture), fields[0] is not ("Z" or "X"), fields[19]);
    }

    private static IEnumerable<int> Ids() => !IsSupported
        ? []
        : Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0])).Select(name => int.Parse(name!, CultureInfo.InvariantCulture));

    private static bool HasVariable(int id, string variable) =>
        Read($"/proc/{id}/environ") is { } text && text.Split('\0').Contains(variable, StringComparer.Ordinal);

    // It may end while it is read, or belong to another user: then it is none of ours.
    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
