using Dpwa.Dashboard.Watching;

namespace Dpwa.Dashboard.Storage;

/// <summary>The moments of one point of the past, as long as it is the last: their means, largest and sums.</summary>
internal sealed class Moment(int nodes)
{
    private readonly Mean[] _losses = new Mean[nodes];
    private readonly double?[] _clocks = new double?[nodes];
    private Mean _loss, _consensus, _steps, _samples, _bytes;

    public long Bucket { get; private set; } = -1;

    public int Running { get; private set; }

    public double? Spread { get; private set; }

    public long Averaged { get; private set; }

    public long Failed { get; private set; }

    public double? Loss => _loss.Value;

    public double? Consensus => _consensus.Value;

    public double? Steps => _steps.Value;

    public double? Samples => _samples.Value;

    public double? Bytes => _bytes.Value;

    public double? LossOf(int node) => _losses[node].Value;

    public double? ClockOf(int node) => _clocks[node];

    public void Begin(long bucket)
    {
        Array.Clear(_losses);
        Array.Clear(_clocks);
        (_loss, _consensus, _steps, _samples, _bytes) = (default, default, default, default, default);
        (Bucket, Running, Spread, Averaged, Failed) = (bucket, int.MaxValue, null, 0, 0);
    }

    public void Add(Tick tick)
    {
        for (int i = 0; i < tick.Nodes.Count; i++)
        {
            // Of a node that is silent the last is known, and it is not of now.
            if (tick.Nodes[i] is not { State: NodeStanding.Running } node)
                continue;
            _losses[i].Add(node.Loss);
            _clocks[i] = node.Clock ?? _clocks[i];
        }

        ClusterTick all = tick.Cluster;
        _loss.Add(all.Loss);
        _consensus.Add(all.Consensus);
        _steps.Add(all.Steps);
        _samples.Add(all.Samples);
        _bytes.Add(all.Bytes);
        Running = Math.Min(Running, all.Running);
        Spread = all.Spread is { } spread ? Math.Max(spread, Spread ?? spread) : Spread;
        Averaged += all.Averaged;
        Failed += all.Failed;
    }

    private struct Mean
    {
        private double _sum;
        private int _count;

        public readonly double? Value => _count == 0 ? null : _sum / _count;

        public void Add(double? value)
        {
            if (value is not { } number)
                return;
            _sum += number;
            _count++;
        }
    }
}
