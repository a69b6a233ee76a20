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
    /// <param name="losses">The last loss of each node, <see cref="Losses"/> before its first step.</param>
    /// <param name="figures">What else there is to say; distance, losses and who is up are filled in.</param>
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

        return figures with { ConsensusDistance = distance, Loss = problem.Loss(_mean), WorkerLoss = loss / nodes.Count, Up = nodes.Count };
    }

    /// <summary>The loss of each node's model on everything. Nodes that begin alike share the work: it goes through all data.</summary>
    public double[] Losses(ModelOf modelOf, int nodes)
    {
        double[] losses = new double[nodes];
        for (int node = 0; node < nodes; node++)
        {
            if (node > 0 && modelOf(node).SequenceEqual(modelOf(node - 1)))
            {
                losses[node] = losses[node - 1];
                continue;
            }

            Average(modelOf, [node]);
            losses[node] = problem.Loss(_mean);
        }

        return losses;
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
