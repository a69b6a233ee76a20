namespace Dpwa.Peers.Topologies;

/// <summary>
/// By what factor a round shrinks what is left of values without their mean: mixes over and over, without a matrix. A smooth start is close to the slowest mode of anything like a
/// ring, and a random one has something of every mode; what shrinks more slowly counts.
/// </summary>
/// <param name="nodes">The number of values.</param>
/// <param name="mix">The expected mixing of a round: (round, values, result).</param>
internal sealed class PowerIteration(int nodes, Action<long, double[], double[]> mix)
{
    private const double Nothing = 1e-12;
    private const double Tolerance = 1e-4;
    private const long MostWork = 100_000_000;

    public Contraction Run()
    {
        var random = new Random(1);
        Contraction smooth = Run([.. Enumerable.Range(0, nodes).Select(i => Math.Cos(2 * Math.PI * i / nodes))]);
        Contraction rough = Run([.. Enumerable.Range(0, nodes).Select(_ => random.NextDouble() - 0.5)]);
        return rough.Rate >= smooth.Rate ? rough : smooth;
    }

    /// <summary>The mean rate over windows, each twice as long, until two agree. A window has all rounds of a schedule equally often.</summary>
    private Contraction Run(double[] values)
    {
        double[] next = new double[nodes];
        _ = Normalise(values);
        double before = double.NaN;
        long round = 0;
        for (long window = 8 * Schedules.Dimensions(nodes); ; window *= 2)
        {
            double logarithm = 0;
            for (long end = round + window; round < end;)
            {
                mix(++round, values, next);
                (values, next) = (next, values);
                double left = Normalise(values);
                if (left < Nothing)
                    return new(0, round, IsConverged: true);
                logarithm += Math.Log(left);
            }

            double rate = Math.Exp(logarithm / window);
            bool isConverged = Math.Abs(rate - before) <= Math.Max(Tolerance * (1 - rate), Nothing);
            if (isConverged || round * nodes > MostWork)
                return new(rate, null, isConverged);
            before = rate;
        }
    }

    /// <summary>Takes away the mean and brings the norm to 1. Gives what the norm was.</summary>
    private static double Normalise(double[] values)
    {
        double mean = values.Average();
        double squares = 0;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] -= mean;
            squares += values[i] * values[i];
        }

        double norm = Math.Sqrt(squares);
        for (int i = 0; norm > 0 && i < values.Length; i++)
            values[i] /= norm;
        return norm;
    }
}

/// <summary>By what factor a round shrinks the distance to agreement.</summary>
/// <param name="Rate">The factor, in the long run.</param>
/// <param name="ExactAfter">The round after which nothing is left; null when something always is.</param>
/// <param name="IsConverged">Whether the rate has settled; else it is at least this.</param>
internal readonly record struct Contraction(double Rate, long? ExactAfter, bool IsConverged);
