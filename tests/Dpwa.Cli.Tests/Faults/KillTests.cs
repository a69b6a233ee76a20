using System.Globalization;
using Dpwa.Cli.Tests.EndToEnd;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests.Faults;

/// <summary>
/// Two workers, of whom w2 is killed (kill -9) again and again, each time in the middle of a transfer, and started again. w1 trains on with whole parameters, nothing of its memory stays lent to the dead, and each
/// new life is exchanged with. <c>benchmarks/kills.sh</c> does it more often.
/// </summary>
public class KillTests
{
    // 32 MB: some 20 ms of a local connection.
    private const int Parameters = 8_000_000;
    private const int Timeout = 5_000;

    private static int Cycles => int.Parse(Environment.GetEnvironmentVariable("DPWA_KILL_CYCLES") ?? "3", CultureInfo.InvariantCulture);

    [Fact(Timeout = TestLimits.Milliseconds)]
    public Task Who_is_killed_while_it_sends_to_me() => KillAsync("sending over TCP", "tcp", [], async (cluster, one) =>
    {
        await Traffic.LeavingAsync(cluster.ProcessOf("w2"), cluster.PortOf("w2"), 1_000_000);
        await cluster.SignalAsync("w2", "KILL");

        // Else the rest was with the kernel already, and arrived.
        return (await one.HearAsync(line => line.StartsWith("log w2 failed", StringComparison.Ordinal))).Contains("in the middle of a message", StringComparison.Ordinal);
    });

    [Fact(Timeout = TestLimits.Milliseconds)]
    public Task Who_is_killed_while_it_receives_from_me() => KillAsync("receiving over TCP", "tcp", [], async (cluster, one) =>
    {
        await Traffic.LeavingAsync(cluster.ProcessOf("w1"), cluster.PortOf("w1"), 1_000_000);
        await cluster.SignalAsync("w2", "STOP");
        var isInTheMiddle = Traffic.IsStuck(cluster.ProcessOf("w2"), cluster.PortOf("w1"));
        await cluster.SignalAsync("w2", "KILL");
        return isInTheMiddle;
    });

    [Fact(Timeout = TestLimits.Milliseconds)]
    public Task Who_is_killed_while_it_reads_my_memory() => KillAsync("reading shared memory", "shared_memory", ["linger"], async (cluster, one) =>
    {
        await cluster.Listen("w2").HearAsync(line => line == "mixing");
        await cluster.SignalAsync("w2", "KILL");
        await cluster.ExitAsync("w2", cluster.Starts("w2"));
        return cluster.Said("w2")[^1] == "mixing";
    });

    [Fact(Timeout = TestLimits.Milliseconds)]
    public Task Whose_memory_I_read_is_killed() => KillAsync("being read in shared memory", "shared_memory", ["linger"], async (cluster, one) =>
    {
        await one.HearAsync(line => line == "mixing");
        await cluster.SignalAsync("w2", "KILL");
        var died = cluster.Said("w1").Count;

        // It mixes what a dead process has left, whole.
        var step = await one.HearAsync(line => line.StartsWith("step ", StringComparison.Ordinal));
        Assert.Contains(" Averaged w2 ", step, StringComparison.Ordinal);
        return cluster.Said("w1")[died - 1] == "mixing";
    });

    /// <summary>Kills until it was in the middle as often as is asked for; <paramref name="kill"/> says whether it was.</summary>
    private static async Task KillAsync(string what, string transport, string[] form, Func<Cluster, Listener, Task<bool>> kill)
    {
        TestLimits.NeedsLinux();
        await using var cluster = new Cluster(2, Timeout, $"apply: parameters\ntransport: {transport}", arguments: ["mix", $"{Parameters}", "5", .. form]);
        await cluster.MeetAsync();
        var (kills, hits) = (0, 0);
        for (; hits < Cycles; kills++)
        {
            var one = cluster.Listen("w1");
            if (await kill(cluster, one)) hits++;
            await cluster.ExitAsync("w2", cluster.Starts("w2"));
            Assert.All(await one.StepsAsync(3), step => Assert.True(step.Outcome != "TimedOut", $"w1 waited for the dead: {step}"));
            await cluster.StartAsync(names: "w2");
            await cluster.AverageAsync("w1", "w2");
        }

        // With one snapshot lent for each of the dead nothing could be published any more.
        var before = Skipped(cluster);
        await cluster.Listen("w1").StepsAsync(10);
        Assert.Equal(before, Skipped(cluster));
        Assert.Equal(1, cluster.Starts("w1"));
        Promises.AreKept(cluster, TimeSpan.FromMilliseconds(10 * Timeout));
        TestContext.Current.TestOutputHelper?.WriteLine($"kills: {what}: {kills} killed, {hits} in the middle of a transfer, {kills} survived");
    }

    private static string Skipped(Cluster cluster)
    {
        var words = cluster.Said("w1").Last(line => line.StartsWith("step ", StringComparison.Ordinal)).Split(' ');
        return words[Array.IndexOf(words, "skipped") + 1];
    }
}
