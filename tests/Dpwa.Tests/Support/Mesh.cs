namespace Dpwa.Tests.Support;

/// <summary>Nodes over TCP on free ports that all know each other.</summary>
internal sealed class Mesh : IAsyncDisposable
{
    private Mesh(DpwaConnection[] nodes) => Nodes = nodes;

    public DpwaConnection[] Nodes { get; }

    public static Mesh Start(int count, DpwaOptions? options = null)
    {
        options ??= new DpwaOptions { Seed = 1, Timeout = TimeSpan.FromSeconds(20) };
        DpwaNode[] addresses = [.. Enumerable.Range(1, count).Select(i => new DpwaNode($"w{i}", "127.0.0.1", 0))];
        DpwaConnection[] nodes = [.. addresses.Select(a => new DpwaConnection(a.Name, options with { Nodes = [a] }))];
        foreach (DpwaConnection node in nodes)
        {
            for (int i = 0; i < count; i++)
            {
                if (node != nodes[i])
                    node.AddPeer(addresses[i] with { Port = Pair.PortOf(nodes[i].ListenEndPoint) });
            }
        }

        return new Mesh(nodes);
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(Nodes.Select(n => n.DisposeAsync().AsTask()));
}
