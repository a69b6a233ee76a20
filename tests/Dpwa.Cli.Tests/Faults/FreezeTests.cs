using Dpwa.Cli.Tests.EndToEnd;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests.Faults;

/// <summary>A worker that stands still (SIGSTOP) in the middle of a transfer: its connections stay open, and nothing more comes. It is timed out, and exchanged with again once it goes on.</summary>
public class FreezeTests
{
    private const int Parameters = 8_000_000;
    private const int Timeout = 500;

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Who_stands_still_while_it_sends_is_too_slow()
    {
        TestLimits.NeedsLinux();
        await using var cluster = Mixers();
        await cluster.MeetAsync();
        var one = cluster.Listen("w1");

        // Else the rest was with the kernel already, and arrived: then the next request is not answered.
        await StopAsync(cluster, one, "w2", async () => (await one.HearAsync(line => line.StartsWith("log w2 failed (TimedOut)", StringComparison.Ordinal))).Contains("was too slow", StringComparison.Ordinal));

        await GoOnAsync(cluster, one);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Who_stands_still_while_it_receives_is_hung_up_on()
    {
        TestLimits.NeedsLinux();
        await using var cluster = Mixers();
        await cluster.MeetAsync();
        var one = cluster.Listen("w1");

        await StopAsync(cluster, one, "w1", async () => Traffic.IsStuck(cluster.ProcessOf("w2"), cluster.PortOf("w1")) && await HangsUpAsync(one));

        await GoOnAsync(cluster, one);
    }

    /// <summary>Else the rest was with the kernel already. It is hung up on after two time-outs without progress, four at most from when it stopped: before that as many exchanges with it cannot have timed out, which
    /// take one each and a back-off between them.</summary>
    private static async Task<bool> HangsUpAsync(Listener one)
    {
        var timedOut = 0;
        var line = await one.HearAsync(line => IsHangUp(line) || (line.Contains(" TimedOut w2 ", StringComparison.Ordinal) && ++timedOut == 4));
        return IsHangUp(line);

        static bool IsHangUp(string line) => line.StartsWith("log a connection of w2 was ended (TimedOut): a client reads too slowly", StringComparison.Ordinal);
    }

    private static Cluster Mixers() => new(2, Timeout, "apply: parameters\ntransport: tcp", arguments: ["mix", $"{Parameters}", "5"]);

    /// <summary>Stops w2 while a worker sends: again, until that was in the middle of a message.</summary>
    private static async Task StopAsync(Cluster cluster, Listener one, string sender, Func<Task<bool>> wasInTheMiddle)
    {
        do
        {
            await cluster.SignalAsync("w2", "CONT");

            // A failure is told in the log again only after a success.
            await one.AveragedWithAsync("w2");
            await Traffic.LeavingAsync(cluster.ProcessOf(sender), cluster.PortOf(sender), 1_000_000);
            await cluster.SignalAsync("w2", "STOP");
        }
        while (!await wasInTheMiddle());
    }

    private static async Task GoOnAsync(Cluster cluster, Listener one)
    {
        await one.StepsAsync(3);
        await cluster.SignalAsync("w2", "CONT");
        await cluster.AverageAsync("w1", "w2");
        Promises.AreKept(cluster, TimeSpan.FromMilliseconds(10 * Timeout), frozen: "w2");
    }
}
