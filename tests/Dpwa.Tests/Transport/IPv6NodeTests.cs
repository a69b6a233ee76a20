using Dpwa.Tests.Support;

namespace Dpwa.Tests.Transport;

/// <summary>PEERS: "no IPv6". Whole nodes, as a user has them.</summary>
public class IPv6NodeTests
{
    private const int Limit = 60_000;

    public IPv6NodeTests() => IPv6.SkipWithout();

    [Theory(Timeout = Limit)]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_node_that_listens_everywhere_is_reached_over_either_family(string host)
    {
        await using DpwaConnection server = Node(new DpwaNode("w1", "localhost", 0) { Listen = "::" });
        await IsAveragedWith(server, host);
    }

    [Fact(Timeout = Limit)]
    public async Task Two_nodes_exchange_over_IPv6()
    {
        await using DpwaConnection server = Node(new DpwaNode("w1", "::1", 0));
        await IsAveragedWith(server, "::1");
    }

    private static DpwaConnection Node(DpwaNode self) => new(self.Name, new DpwaOptions { Nodes = [self], Timeout = TimeSpan.FromSeconds(20) });

    /// <summary>The server has published 3; who fetches it there has 1 and then 2.</summary>
    private static async Task IsAveragedWith(DpwaConnection server, string host)
    {
        server.UpdateSend([3], 1);
        await using DpwaConnection client = Node(new DpwaNode("w2", host, 0));
        client.AddPeer(new DpwaNode("w1", host, Pair.PortOf(server.ListenEndPoint)));
        float[] values = [1];
        client.UpdateSend(values, 1);
        UpdateResult result = await Task.Run(() => client.UpdateWait(values, 1));
        Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);
        Assert.Equal([2f], values);
    }
}
