using System.Net;

namespace Dpwa.Monitoring.Tests;

/// <summary>Workers over TCP on free ports that all know each other and have published.</summary>
internal sealed class Workers : IAsyncDisposable
{
    private readonly float[][] _values;

    public Workers(int count)
    {
        _values = [.. Enumerable.Range(0, count).Select(i => new float[] { i, 0, 0 })];
        Nodes = [.. Enumerable.Range(1, count).Select(i => new DpwaConnection($"w{i}", new DpwaOptions { Nodes = [new DpwaNode($"w{i}", "127.0.0.1", 0)], Seed = 1, Transport = TransportChoice.Tcp, Timeout = TimeSpan.FromSeconds(20) }))];
        Step();
        foreach (DpwaConnection node in Nodes)
        {
            for (int i = 0; i < count; i++)
            {
                if (node != Nodes[i])
                    node.AddPeer(new DpwaNode($"w{i + 1}", "127.0.0.1", ((IPEndPoint)Nodes[i].ListenEndPoint).Port));
            }
        }
    }

    public DpwaConnection[] Nodes { get; }

    /// <summary>Each begins and ends a step, one after the other.</summary>
    public UpdateResult[] Step() => [.. Nodes.Select((node, i) =>
    {
        node.AddSamples(10);
        node.UpdateSend(_values[i], 0.5 + i);
        return node.UpdateWait(_values[i], 0.5 + i);
    })];

    public async ValueTask DisposeAsync() => await Task.WhenAll(Nodes.Select(n => n.DisposeAsync().AsTask()));
}
