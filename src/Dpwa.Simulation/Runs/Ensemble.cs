using Dpwa.Simulation.Problems;

namespace Dpwa.Simulation.Runs;

/// <summary>Looks at all models together. Its memory is reused from round to round.</summary>
internal sealed class Ensemble(IProblem problem)
{
    private readonly double[] _mean = new double[problem.Dimension];

    /// <summary>The mean that was last taken.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>The figures of the nodes that are up.</summary>
    /// <param name="modelOf">The model of a node.</param>
    /// <param name="nodes">Who is up.</param>
    /// <param name="losses">The last loss of each node.</param>
    /// <param name="figures">What else there is to say; distance and losses are filled in.</param>
    public RoundFigures Look(ModelOf modelOf, IReadOnlyList<int> nodes, double[] losses, RoundFigures figures)
    {
        Average(modelOf, nodes);
        double distance = 0;
        double loss = 0;
        foreach (int node in nodes)
        {
            ReadOnlySpan<float> x = modelOf(node);
            for (int i = 0; i < x.Length; i++)
                distance += (x[i] - _mean[i]) * (x[i] - _mean[i]);
            loss += losses[node];
        }

        double ofMean = problem.Loss(_mean);
        return figures with { ConsensusDistance = distance, Loss = ofMean, WorkerLoss = figures.Round == 0 ? ofMean : loss / nodes.Count };
    }

    /// <summary>Takes the mean of these nodes' models.</summary>
    public void Average(ModelOf modelOf, IReadOnlyList<int> nodes)
    {
        _mean.AsSpan().Clear();
        foreach (int node in nodes)
        {
            ReadOnlySpan<float> x = modelOf(node);
            for (int i = 0; i < x.Length; i++)
                _mean[i] += x[i];
        }

        foreach (ref double value in _mean.AsSpan())
            value /= nodes.Count;
    }

    public delegate Span<float> ModelOf(int node);
}
