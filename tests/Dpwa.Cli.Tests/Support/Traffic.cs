using System.Globalization;

namespace Dpwa.Cli.Tests.Support;

/// <summary>What is on its way on a process's connections, as its kernel tells it in /proc, for any network namespace. Linux.</summary>
internal static class Traffic
{
    private const string Established = "01";

    /// <summary>Until at least so many bytes have been sent, on one connection that came in at this port, and have not been acknowledged: a message is in the middle of its way.</summary>
    public static Task LeavingAsync(int process, int port, long bytes) => UntilAsync(process, line => IsOf(line[1], port) && Hex(line[4].Split(':')[0]) >= bytes);

    /// <summary>Whether bytes have come from this port that nobody has read, and more are to come that cannot yet: of a process that was stopped, in the middle of a message.</summary>
    public static bool IsStuck(int process, int port) => Connections(process).Any(line => IsOf(line[2], port) && Hex(line[4].Split(':')[1]) > 0);

    /// <summary>Watched, since nobody tells: often enough to see a transfer that takes some milliseconds.</summary>
    private static async Task UntilAsync(int process, Func<string[], bool> wanted)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!Connections(process).Any(wanted)) await again.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string[]> Connections(int process) =>
        File.ReadLines($"/proc/{process}/net/tcp").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words[3] == Established);

    private static bool IsOf(string endPoint, int port) => Hex(endPoint.Split(':')[1]) == port;

    private static long Hex(string digits) => long.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
