namespace Dpwa.Simulation.Network;

/// <summary>Says when what is sent arrives, and what becomes of it. All chance comes from the seed; which pairs fail in a round depends on nothing else.</summary>
internal sealed class VirtualNetwork(VirtualNetworkSettings settings, int nodes, int seed)
{
    private readonly TimeSpan[] _uplinkFree = new TimeSpan[nodes];
    private readonly TimeSpan[] _downlinkFree = new TimeSpan[nodes];
    private readonly double[]? _rates = settings.BytesPerSecond is { } rates ? [.. Enumerable.Range(0, nodes).Select(node => rates.Of(node, seed))] : null;
    private NormalStream _random = new(seed, -1);

    /// <summary>Whether a body takes time by its length, so that there is progress to report.</summary>
    public bool IsLimited => _rates is not null;

    /// <summary>The time that a message without a body takes.</summary>
    public TimeSpan Latency() => settings.Latency.Draw(ref _random);

    /// <summary>Whether these two cannot reach each other in the round that it is.</summary>
    public bool HasFailed(int a, int b, TimeSpan now) =>
        settings.FailureRate > 0 && NormalStream.Uniform(seed, now.Ticks / settings.Round.Ticks, Math.Min(a, b), Math.Max(a, b)) < settings.FailureRate;

    /// <summary>Whether a partition lies between these two, so that what is sent is lost.</summary>
    public bool IsSeparated(int a, int b, TimeSpan now)
    {
        foreach (NetworkPartition partition in settings.Partitions)
        {
            if (partition.Separates(a, b, now))
                return true;
        }

        return false;
    }

    /// <summary>Whether this message is lost.</summary>
    public bool Loses() => settings.MessageLoss > 0 && _random.NextUniform() < settings.MessageLoss;

    /// <summary>Sends a message of so many bytes on its way. Gives when its first byte and when its last byte arrive: after what the sender's link still has to send, not before
    /// what the receiver's link still has to receive, and not before what was sent earlier on the same connection. In between it goes as fast as the slower of the two links.</summary>
    public void Send(int from, int to, long bytes, VirtualStream stream, TimeSpan now)
    {
        TimeSpan up = Takes(from, bytes);
        TimeSpan takes = Later(up, Takes(to, bytes));
        TimeSpan left = Later(now, _uplinkFree[from]);
        _uplinkFree[from] = left + up;
        TimeSpan first = Later(left + Latency(), _downlinkFree[to]);
        TimeSpan last = Later(first + takes, stream.LastArrival);
        if (takes > TimeSpan.Zero)
            _downlinkFree[to] = last;
        stream.Carry(bytes, first, last);
    }

    private TimeSpan Takes(int node, long bytes) => _rates is null ? TimeSpan.Zero : TimeSpan.FromSeconds(bytes / _rates[node]);

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
