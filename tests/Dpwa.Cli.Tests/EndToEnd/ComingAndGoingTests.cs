using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Tests.EndToEnd;

/// <summary>Processes that come, go and stop, over real sockets: whoever is left trains on, and whoever comes back is averaged with again.</summary>
public class ComingAndGoingTests
{
    // How a peer looks whose process has ended: its connection goes, and a new one is refused.
    private static readonly string[] Gone = ["Closed", "Broken", "Unreachable"];

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_killed_worker_does_not_stop_the_others_and_is_averaged_with_again_once_restarted()
    {
        TestLimits.NeedsLinux();
        await using var cluster = new Cluster(3);
        await cluster.StartAsync(RestartPolicy.OnFailure);
        await cluster.AverageAsync("w1", "w2", "w3");
        var (one, two) = (cluster.Listen("w1"), cluster.Listen("w2"));

        await cluster.SignalAsync("w3", "KILL");

        Assert.Equal(128 + 9, await cluster.ExitAsync("w3"));
        var three = cluster.Listen("w3");
        await Task.WhenAll(one.FailedAsync("w3", Gone), two.FailedAsync("w3", Gone));
        await Task.WhenAll(one.AveragedWithAsync("w2"), two.AveragedWithAsync("w1"));
        await Task.WhenAll(one.AveragedWithAsync("w3"), two.AveragedWithAsync("w3"), three.AveragedWithAsync("w1"));
        await three.AveragedWithAsync("w2");
        Assert.Equal((1, 1, 2), (cluster.Starts("w1"), cluster.Starts("w2"), cluster.Starts("w3")));
        Assert.Equal(0, cluster.TimeOuts);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_starts_late_is_found()
    {
        TestLimits.NeedsLinux();
        await using var cluster = new Cluster(3);
        var (one, two) = (cluster.Listen("w1"), cluster.Listen("w2"));
        await cluster.StartAsync(names: ["w1", "w2"]);
        await cluster.AverageAsync("w1", "w2");
        await Task.WhenAll(one.FailedAsync("w3", "Unreachable"), two.FailedAsync("w3", "Unreachable"));

        await cluster.StartAsync(names: "w3");

        await cluster.AverageAsync("w1", "w2", "w3");
        Assert.Equal(0, cluster.TimeOuts);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_worker_that_ends_properly_is_not_asked_any_more()
    {
        TestLimits.NeedsLinux();
        await using var cluster = new Cluster(3);
        await cluster.MeetAsync();
        var (one, two) = (cluster.Listen("w1"), cluster.Listen("w2"));

        await cluster.SignalAsync("w3", "TERM");

        Assert.Equal(0, await cluster.ExitAsync("w3"));
        await Task.WhenAll(one.GoodbyeAsync("w3"), two.GoodbyeAsync("w3"));
        Assert.All(await AfterThisOneAsync(one), step => Assert.Equal(("Averaged", "w2"), step));

        await cluster.SignalAsync("w2", "TERM");

        Assert.Equal(0, await cluster.ExitAsync("w2"));
        await one.GoodbyeAsync("w2");
        Assert.All(await AfterThisOneAsync(one), step => Assert.Equal(("NoPeer", "-"), step));
        Assert.Equal(0, cluster.TimeOuts);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_suspended_worker_costs_the_others_a_time_out_and_is_averaged_with_again_once_it_goes_on()
    {
        TestLimits.NeedsLinux();
        await using var cluster = new Cluster(3, timeoutMilliseconds: 500);
        await cluster.MeetAsync();
        var (one, two) = (cluster.Listen("w1"), cluster.Listen("w2"));

        await cluster.SignalAsync("w3", "STOP");

        await Task.WhenAll(one.WithoutAsync("w3"), two.WithoutAsync("w3"));
        await Task.WhenAll(one.AveragedWithAsync("w2"), two.AveragedWithAsync("w1"));

        Assert.All(["w1", "w2"], name => Assert.NotEqual(0, cluster.TimeOutsOf(name)));
        var three = cluster.Listen("w3");

        await cluster.SignalAsync("w3", "CONT");

        await Task.WhenAll(one.AveragedWithAsync("w3"), two.AveragedWithAsync("w3"), three.AveragedWithAsync("w1"));
        await three.AveragedWithAsync("w2");
        Assert.Equal((1, 1, 1), (cluster.Starts("w1"), cluster.Starts("w2"), cluster.Starts("w3")));
    }

    // The step in which a goodbye comes may have asked, or even been answered, before it.
    private static async Task<IEnumerable<(string Outcome, string Peer)>> AfterThisOneAsync(Listener worker) => (await worker.StepsAsync(21)).Skip(1);
}
