using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Peers.Topologies;
using Dpwa.Protocol;

namespace Dpwa.Tests.Peers.Topologies;

/// <summary>What the selectors of the topologies draw from a table of peers.</summary>
public sealed class TopologySelectorTests
{
    private static readonly DpwaOptions Path = new() { Topology = Topology.Graph, Graph = [new("w0", "w1"), new("w1", "w2"), new("w2", "w1"), new("w2", "w3")] };

    private static PeerTable Table(int nodes, int self) =>
        new(new Membership(Enumerable.Range(0, nodes).Select(i => new DpwaNode($"w{i}", "host", 1 + i))), MessageHeader.IdOf($"w{self}"), new Random(1));

    private static IPeerSelector Ring(int every = 1) => PeerSelectors.Create(new() { Topology = Topology.Ring, ExchangeEvery = every });

    private static string? Draw(PeerTable table, IPeerSelector selector, long round, ulong exchange = 1) =>
        table.Draw(selector, TimeSpan.Zero, exchange, round) is { } record ? table.Find(record.Id)!.Name : null;

    private static void Fail(PeerTable table, string name) =>
        table.Record(MessageHeader.IdOf(name))!.Failed(TimeSpan.Zero, new(FailureKind.Unreachable, "down"), TimeSpan.FromSeconds(1), table.Random);

    [Fact]
    public void Every_node_draws_its_partner()
    {
        string?[] even = [.. Enumerable.Range(0, 6).Select(i => Draw(Table(6, i), Ring(), round: 2))];
        string?[] odd = [.. Enumerable.Range(0, 6).Select(i => Draw(Table(6, i), Ring(), round: 3))];
        Assert.Equal(["w1", "w0", "w3", "w2", "w5", "w4"], even);
        Assert.Equal(["w5", "w2", "w1", "w4", "w3", "w0"], odd);
    }

    [Fact]
    public void A_schedule_counts_exchanges_not_steps() =>
        Assert.Equal(["w5", "w1", "w5"], new long[] { 50, 100, 150 }.Select(step => Draw(Table(6, 0), Ring(every: 50), step)));

    [Fact]
    public void A_partner_that_backs_off_is_replaced_by_any_other()
    {
        PeerTable table = Table(6, 0);
        Fail(table, "w1");
        string?[] drawn = [.. Enumerable.Range(1, 200).Select(exchange => Draw(table, Ring(), round: 2, (ulong)exchange))];
        Assert.Equal(["w2", "w3", "w4", "w5"], drawn.Distinct().Order());
    }

    [Fact]
    public void A_partner_that_failed_in_this_exchange_is_replaced_by_any_other()
    {
        PeerTable table = Table(6, 0);
        table.Record(MessageHeader.IdOf("w1"))!.TriedIn = 7;
        Assert.NotEqual("w1", Draw(table, Ring(), round: 2, exchange: 7));
        Assert.Equal("w1", Draw(table, Ring(), round: 2, exchange: 8));
    }

    [Fact]
    public void Who_idles_draws_nobody()
    {
        Assert.Null(Draw(Table(5, 4), Ring(), round: 5));
        Assert.Equal("w1", Draw(Table(5, 0), Ring(), round: 5));
    }

    [Fact]
    public void A_partner_that_has_left_the_list_is_replaced_by_any_other()
    {
        IPeerSelector cube = PeerSelectors.Create(new() { Topology = Topology.Hypercube });
        PeerTable table = Table(8, 6);
        Assert.Equal("w7", Draw(table, cube, round: 3));
        table.Remove("w7");
        Assert.NotNull(Draw(table, cube, round: 3));
    }

    [Fact]
    public void A_neighbour_is_drawn_and_each_as_often()
    {
        PeerTable table = Table(4, 2);
        IPeerSelector graph = PeerSelectors.Create(Path);
        int[] counts = [.. new[] { "w0", "w1", "w3" }.Select(name => Enumerable.Range(1, 2000).Count(_ => table.DrawAt(graph, TimeSpan.Zero, 1) == name))];
        Assert.Equal(0, counts[0]);
        Assert.InRange(counts[1], 860, 1140);
        Assert.InRange(counts[2], 860, 1140);
    }

    [Fact]
    public void Only_neighbours_are_asked_even_when_none_can_be()
    {
        PeerTable table = Table(4, 2);
        IPeerSelector graph = PeerSelectors.Create(Path);
        Fail(table, "w1");
        Assert.All(Enumerable.Range(1, 50), exchange => Assert.Equal("w3", Draw(table, graph, 1, (ulong)exchange)));
        table.Remove("w3");
        Assert.Null(Draw(table, graph, 1, 100));
    }

    [Fact]
    public void A_neighbour_is_known_by_name_whatever_its_index_has_become()
    {
        PeerTable table = Table(4, 3);
        IPeerSelector graph = PeerSelectors.Create(Path);
        Assert.Equal("w2", Draw(table, graph, 1, 1));
        table.Remove("w0");
        Assert.Equal("w2", Draw(table, graph, 1, 2));
    }

    [Fact]
    public void Who_joined_later_and_is_on_no_edge_draws_among_all()
    {
        PeerTable table = Table(6, 5);
        IPeerSelector graph = PeerSelectors.Create(Path);
        Assert.Equal(5, Enumerable.Range(1, 500).Select(_ => table.DrawAt(graph, TimeSpan.Zero, 1)).Distinct().Count());
    }

    [Theory]
    [InlineData((int)Topology.Matching)]
    [InlineData((int)Topology.Ring)]
    [InlineData((int)Topology.Exponential)]
    [InlineData((int)Topology.Hypercube)]
    [InlineData((int)Topology.Graph)]
    public void A_draw_allocates_nothing(int topology)
    {
        PeerTable table = Table(4, 2);
        IPeerSelector selector = PeerSelectors.Create(Path with { Topology = (Topology)topology });
        for (ulong exchange = 1; exchange <= 100; exchange++)
            table.Draw(selector, TimeSpan.Zero, exchange, (long)exchange);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong exchange = 101; exchange <= 1000; exchange++)
            table.Draw(selector, TimeSpan.Zero, exchange, (long)exchange);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
