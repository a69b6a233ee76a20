using Dpwa.Data;

namespace Dpwa.Simulation.Problems;

/// <summary>
/// Multinomial logistic regression: for each label a weight for each feature and one for itself, all 0 at first; the loss is the mean cross entropy. Each node goes through its
/// own share of the samples, in batches, in another order each epoch.
/// </summary>
internal sealed class LogisticProblem : IProblem
{
    private const int SyntheticSamples = 2000;
    private const int SyntheticFeatures = 16;

    private readonly LabelledData _data;
    private readonly double _rate;
    private readonly int _batchSize;
    private readonly Share[] _shares;
    private readonly double[] _scores;
    private readonly float[] _gradient;

    public LogisticProblem(ProblemSettings settings, int nodes, int seed)
    {
        _data = settings.Data ?? LabelledData.Synthetic(settings.Dimension ?? SyntheticFeatures, SyntheticSamplesFor(nodes), seed);
        Check(_data, nodes);
        int[] labels = [.. _data.Labels];
        (_rate, _batchSize) = (settings.LearningRate ?? 0.5, settings.BatchSize);
        _shares = [.. Enumerable.Range(0, nodes).Select(node => new Share(settings.NonIid
            ? ShardedSampler.ByLabel(new(node, nodes), labels, seed)
            : ShardedSampler.ByIndex(new(node, nodes), labels.Length, seed)))];
        _scores = new double[_data.Classes];
        _gradient = new float[Dimension];
    }

    public int Dimension => _data.Classes * (_data.FeatureCount + 1);

    public static long ParameterCount(ProblemSettings settings) =>
        (settings.Data?.Classes ?? LabelledData.SyntheticClasses) * ((settings.Data?.FeatureCount ?? settings.Dimension ?? SyntheticFeatures) + 1L);

    /// <summary>The numbers that are drawn where there are no data.</summary>
    public static long SyntheticCount(ProblemSettings settings, int nodes) =>
        settings.Data is null ? (long)(settings.Dimension ?? SyntheticFeatures) * SyntheticSamplesFor(nodes) : 0;

    /// <exception cref="SimulationException">There are fewer samples than nodes.</exception>
    public static void Check(LabelledData data, int nodes)
    {
        if (data.Labels.Count < nodes)
            throw new SimulationException($"there are {data.Labels.Count} samples for {nodes} nodes: each needs one at least");
    }

    public void Start(int node, Span<float> x) => x.Clear();

    public double Step(int node, Span<float> x)
    {
        _gradient.AsSpan().Clear();
        double loss = 0;
        for (int i = 0; i < _batchSize; i++)
        {
            int sample = _shares[node].Next();
            ReadOnlySpan<float> features = _data.Features(sample);
            loss += Scores<float>(x, features, _data.Labels[sample]);
            for (int label = 0; label < _scores.Length; label++)
            {
                float error = (float)(_scores[label] - (label == _data.Labels[sample] ? 1 : 0));
                Span<float> row = _gradient.AsSpan(label * (features.Length + 1), features.Length + 1);
                for (int f = 0; f < features.Length; f++)
                    row[f] += error * features[f];
                row[^1] += error;
            }
        }

        float step = (float)(_rate / _batchSize);
        for (int i = 0; i < x.Length; i++)
            x[i] -= step * _gradient[i];
        return loss / _batchSize;
    }

    public double Loss(ReadOnlySpan<double> x)
    {
        double loss = 0;
        for (int sample = 0; sample < _data.Labels.Count; sample++)
            loss += Scores(x, _data.Features(sample), _data.Labels[sample]);
        return loss / _data.Labels.Count;
    }

    private static int SyntheticSamplesFor(int nodes) => Math.Max(SyntheticSamples, 4 * nodes);

    /// <summary>Each label's probability, left in <see cref="_scores"/>. Gives the cross entropy of the right one.</summary>
    private double Scores<T>(ReadOnlySpan<T> x, ReadOnlySpan<float> features, int right)
        where T : System.Numerics.INumber<T>
    {
        double highest = double.NegativeInfinity;
        for (int label = 0; label < _scores.Length; label++)
        {
            ReadOnlySpan<T> row = x.Slice(label * (features.Length + 1), features.Length + 1);
            double score = double.CreateTruncating(row[^1]);
            for (int f = 0; f < features.Length; f++)
                score += double.CreateTruncating(row[f]) * features[f];
            _scores[label] = score;
            highest = Math.Max(highest, score);
        }

        double sum = 0;
        double ofRight = _scores[right] - highest;
        foreach (ref double score in _scores.AsSpan())
            sum += score = Math.Exp(score - highest);
        foreach (ref double score in _scores.AsSpan())
            score /= sum;
        return Math.Log(sum) - ofRight;
    }

    /// <summary>A node's samples, one after the other, epoch by epoch.</summary>
    private sealed class Share(ShardedSampler sampler)
    {
        private int[] _order = [];
        private int _at;
        private int _epoch;

        public int Next()
        {
            if (_at == _order.Length)
                (_order, _at) = (sampler.Epoch(_epoch++), 0);
            return _order[_at++];
        }
    }
}
