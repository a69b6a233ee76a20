using System.Net;

namespace Dpwa.Launch.Bench.Link;

/// <summary>A slow link before each node of this machine, or none.</summary>
internal sealed class Relays(IReadOnlyList<DpwaNode> nodes, double? bitsPerSecond) : IAsyncDisposable
{
    private readonly Dictionary<string, RateLimitedRelay> _relays = bitsPerSecond is { } rate
        ? nodes.ToDictionary(node => node.Name, node => new RateLimitedRelay(new IPEndPoint(IPAddress.Loopback, node.Port), rate, TimeProvider.System))
        : [];

    /// <summary>The port by which to reach each node, by its name.</summary>
    public IReadOnlyDictionary<string, int> Ports => _relays.ToDictionary(relay => relay.Key, relay => relay.Value.Port);

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays.Values) await relay.DisposeAsync().ConfigureAwait(false);
    }
}
