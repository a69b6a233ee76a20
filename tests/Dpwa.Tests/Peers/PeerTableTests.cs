using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;

namespace Dpwa.Tests.Peers;

/// <summary>Flow control: scores in [10, 1000], largest score + uniform[10, 1000], back-off, recovery (DESIGN.md).</summary>
public class PeerTableTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2.5);
    private static readonly IPeerSelector Selector = PeerSelectors.Create(new DpwaOptions());

    private static PeerTable Table(int nodes, int seed = 1) => new(
        new Membership(Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i}", "host", 1 + i))), MessageHeader.IdOf("w0"), new Random(seed));

    private static PeerRecord Record(PeerTable table, string name) => table.Record(MessageHeader.IdOf(name))!;

    private static Failure TimedOut => new(FailureKind.TimedOut, "late");

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void A_score_starts_at_1000_falls_by_100_rises_by_10_and_stays_in_bounds()
    {
        PeerRecord record = Record(Table(2), "w1");
        var random = new Random(1);
        Assert.Equal(1000, record.Score(TimeSpan.Zero));
        record.Failed(TimeSpan.Zero, TimedOut, Timeout, random);
        Assert.Equal(900, record.Score(TimeSpan.Zero), 6);
        record.Succeeded(TimeSpan.Zero, 1);
        Assert.Equal(910, record.Score(TimeSpan.Zero), 6);
        for (int i = 0; i < 20; i++)
            record.Failed(TimeSpan.Zero, TimedOut, Timeout, random);
        Assert.Equal(10, record.Score(TimeSpan.Zero), 6);
    }

    [Fact]
    public void A_score_recovers_half_the_way_every_30_seconds()
    {
        PeerRecord record = Record(Table(2), "w1");
        for (int i = 0; i < 20; i++)
            record.Failed(TimeSpan.Zero, TimedOut, Timeout, new Random(1));
        Assert.Equal(1000 - 990.0 / 2, record.Score(Seconds(30)), 6);
        Assert.Equal(1000 - 990.0 / 4, record.Score(Seconds(60)), 6);
    }

    [Fact]
    public void Back_off_doubles_with_jitter_and_has_a_ceiling()
    {
        PeerRecord record = Record(Table(2), "w1");
        var random = new Random(3);
        double last = 0;
        for (int i = 0; i < 12; i++)
        {
            record.Failed(TimeSpan.Zero, new(FailureKind.Unreachable, "down"), TimeSpan.Zero, random);
            double delay = record.RetryAt.TotalSeconds;
            double nominal = Math.Min(0.1 * Math.Pow(2, i), 30);
            Assert.InRange(delay, nominal * 0.75, nominal * 1.25);
            last = delay;
        }

        Assert.InRange(last, 22.5, 37.5);
    }

    [Fact]
    public void A_peer_is_never_given_up_for_good()
    {
        PeerTable table = Table(3);
        PeerRecord bad = Record(table, "w1");
        for (int i = 0; i < 50; i++)
            bad.Failed(TimeSpan.Zero, TimedOut, Timeout, table.Random);
        int drawn = 0;
        for (ulong exchange = 1; exchange <= 1000; exchange++)
            drawn += table.Draw(Selector, Seconds(600), exchange, 0) == bad ? 1 : 0;

        // Fully recovered, it is drawn as often as the other: 500 ± 6 standard deviations.
        Assert.InRange(drawn, 400, 600);
    }

    [Fact]
    public void A_peer_heard_of_for_the_first_time_or_in_a_new_life_is_as_good_as_new()
    {
        PeerTable table = Table(2);
        PeerRecord late = Record(table, "w1");
        for (int i = 0; i < 10; i++)
            late.Failed(TimeSpan.Zero, new(FailureKind.Unreachable, "not started"), TimeSpan.Zero, table.Random);
        late.Heard(Seconds(1), incarnation: 5);
        Assert.True(late.IsAvailable(Seconds(1)));
        Assert.Equal(1000, late.Score(Seconds(1)));

        late.Failed(Seconds(2), TimedOut, Timeout, table.Random);
        late.Heard(Seconds(2), incarnation: 5);
        Assert.False(late.IsAvailable(Seconds(2)));

        // Not more often than a failing peer would be retried anyway: claiming a new life with each request is no way around the back-off.
        late.Heard(Seconds(2), incarnation: 6);
        Assert.False(late.IsAvailable(Seconds(2)));
        late.Failed(Seconds(31), TimedOut, Timeout, table.Random);
        late.Heard(Seconds(31), incarnation: 7);
        Assert.True(late.IsAvailable(Seconds(31)));
    }

    [Fact]
    public void Goodbye_stops_the_asking_until_the_peer_is_heard_of()
    {
        PeerTable table = Table(2);
        PeerRecord peer = Record(table, "w1");
        peer.Heard(TimeSpan.Zero, 1);
        peer.SaidGoodbye(TimeSpan.Zero, table.Random);
        Assert.Null(table.Draw(Selector, Seconds(20), 1, 0));
        Assert.Equal(PeerState.Left, table.Statuses(Seconds(20)).Single().State);
        peer.Heard(Seconds(20), 2);
        Assert.True(peer.IsAvailable(Seconds(20)));
        Assert.Same(peer, table.Draw(Selector, Seconds(20), 2, 0));
    }

    [Fact]
    public void One_exchange_tries_each_peer_once()
    {
        PeerTable table = Table(4);
        var tried = new List<PeerRecord>();
        while (table.Draw(Selector, TimeSpan.Zero, 1, 0) is { } peer)
        {
            peer.TriedIn = 1;
            tried.Add(peer);
        }

        Assert.Equal(3, tried.Distinct().Count());
        Assert.Equal(3, tried.Count);
    }

    /// <summary>The closed form for untouched peers draws as the rule itself would: against the rule spelled out, χ² of the shares.</summary>
    [Fact]
    public void The_closed_form_of_the_maximum_draws_as_the_rule_does()
    {
        const int nodes = 6, draws = 60_000;
        PeerTable table = Table(nodes, seed: 5);
        PeerRecord weaker = Record(table, "w1");
        for (int i = 0; i < 3; i++)
            weaker.Failed(TimeSpan.Zero, new(FailureKind.Busy, "busy"), TimeSpan.Zero, table.Random);
        TimeSpan now = Seconds(2);
        double score = weaker.Score(now);
        int byTable = 0, byRule = 0;
        var random = new Random(6);
        for (ulong exchange = 1; exchange <= draws; exchange++)
        {
            byTable += table.DrawAt(Selector, now, exchange) == "w1" ? 1 : 0;
            double own = score + 10 + 990 * random.NextDouble();
            double others = Enumerable.Range(0, nodes - 2).Max(_ => 1000 + 10 + 990 * random.NextDouble());
            byRule += own > others ? 1 : 0;
        }

        double deviation = Math.Sqrt(2.0 * byRule);
        Assert.InRange(byTable, byRule - 6 * deviation, byRule + 6 * deviation);
        Assert.True(byRule > 1000, "the test says little: the weaker peer is hardly ever drawn");
    }

    [Fact]
    public void Peers_can_be_added_moved_and_removed()
    {
        PeerTable table = Table(1);
        Assert.Equal(0, table.Count);
        table.Add(new("w9", "a", 1));
        table.Add(new("w9", "b", 2));
        Assert.Equal("b:2", table.Statuses(TimeSpan.Zero).Single().Endpoint);
        Assert.True(table.Remove("w9"));
        Assert.False(table.Remove("w9"));
        Assert.False(table.Remove("w0"));
        Assert.Equal(0, table.Count);
    }
}

internal static class PeerTableDraws
{
    /// <summary>Draws without touching: the record that a draw makes is what the closed form is about, so this asks for the index only.</summary>
    public static string? DrawAt(this PeerTable table, IPeerSelector selector, TimeSpan now, ulong exchange)
    {
        table.Prepare(now, exchange);
        int index = selector.Select(table);
        return index < 0 ? null : table.Name(index);
    }
}
