namespace Dpwa.Tests.Support;

/// <summary>Nodes over TCP on free ports that all know each other.</summary>
internal sealed class Mesh : IAsyncDisposable
{
    private Mesh(DpwaConnection[] nodes) => Nodes = nodes;

    public DpwaConnection[] Nodes { get; }

    public static Mesh Start(int count, DpwaOptions? options = null)
    {
        DpwaConnection[] nodes = Strangers(count, options);
        Introduce(nodes);
        return new Mesh(nodes);
    }

    /// <summary>Everyone has published before anybody could ask: from the first step on each exchange has a peer that is ready.</summary>
    public static Mesh Published(int count, Func<int, float[]> values, DpwaOptions? options = null)
    {
        DpwaConnection[] nodes = Strangers(count, options);
        for (int i = 0; i < count; i++)
        {
            nodes[i].UpdateSend(values(i), 1);
            Assert.Equal(UpdateOutcome.NoPeer, nodes[i].UpdateWait(values(i), 1).Outcome);
        }

        Introduce(nodes);
        return new Mesh(nodes);
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(Nodes.Select(n => n.DisposeAsync().AsTask()));

    private static DpwaConnection[] Strangers(int count, DpwaOptions? options)
    {
        options ??= new DpwaOptions { Seed = 1, Timeout = TimeSpan.FromSeconds(20), Transport = TransportChoice.Tcp };
        return [.. Enumerable.Range(0, count).Select(i => new DpwaConnection(Address(i).Name, options with { Nodes = [Address(i)] }))];
    }

    private static void Introduce(DpwaConnection[] nodes)
    {
        foreach (DpwaConnection node in nodes)
        {
            for (int i = 0; i < nodes.Length; i++)
            {
                if (node != nodes[i])
                    node.AddPeer(Address(i) with { Port = Pair.PortOf(nodes[i].ListenEndPoint) });
            }
        }
    }

    private static DpwaNode Address(int index) => new($"w{index + 1}", "127.0.0.1", 0);
}
