using System.Globalization;

namespace Dpwa.Cli.Tests.Support;

/// <summary>The processes that a process has started. Linux.</summary>
internal static class Children
{
    /// <summary>Waits until so many run with this among their arguments; nobody tells when a process has become the program that it is to be.</summary>
    public static async Task<int[]> WaitAsync(int parent, int count, string argument)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await again.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            int[] found = [.. Ids().Where(id => ParentOf(id) == parent && Read($"/proc/{id}/cmdline").Split('\0').Contains(argument)).Order()];
            if (found.Length == count) return found;
        }

        throw new InvalidOperationException("the timer has ended");
    }

    private static IEnumerable<int> Ids() => Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0])).Select(name => int.Parse(name!, CultureInfo.InvariantCulture));

    private static int ParentOf(int id) => Read($"/proc/{id}/stat") is { Length: > 0 } stat ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) : 0;

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
