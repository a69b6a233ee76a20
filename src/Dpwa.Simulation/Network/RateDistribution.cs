namespace Dpwa.Simulation.Network;

/// <summary>What nodes' links carry in a second, in bytes, drawn once for each node: so some nodes have slow links, for as long as the simulation lasts.</summary>
public abstract record RateDistribution
{
    // The stream of chance that rates come from; the network's other chance does not depend on how many are drawn.
    private const int Use = -5;

    private RateDistribution()
    {
    }

    /// <summary>The same for all.</summary>
    /// <param name="rate">Bytes a second, more than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not more than 0.</exception>
    public static RateDistribution Constant(double rate) => new ConstantRate(Positive(rate));

    /// <summary>Anything from the least to the most, alike.</summary>
    /// <param name="least">Bytes a second, more than 0.</param>
    /// <param name="most">Bytes a second.</param>
    /// <exception cref="ArgumentOutOfRangeException">The least is not more than 0, or more than the most.</exception>
    public static RateDistribution Uniform(double least, double most)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(least, most);
        return new UniformRate(Positive(least), Positive(most));
    }

    /// <summary>A lognormal distribution: most near the median, a few much slower, a few much faster.</summary>
    /// <param name="median">Half of the nodes have less; bytes a second, more than 0.</param>
    /// <param name="sigma">The standard deviation of the rate's logarithm, from 0 to 5; with 1 one node in six has less than 0.37 medians.</param>
    /// <exception cref="ArgumentOutOfRangeException">The median is not more than 0, or sigma out of range.</exception>
    public static RateDistribution LogNormal(double median, double sigma)
    {
        if (!(sigma is >= 0 and <= 5))
            throw new ArgumentOutOfRangeException(nameof(sigma), sigma, "must be from 0 to 5");
        return new LogNormalRate(Positive(median), sigma);
    }

    /// <summary>The rate of a node, in bytes a second: always the same for one seed.</summary>
    internal double Of(int node, int seed)
    {
        var random = new NormalStream(seed, Use, node);
        return Next(ref random);
    }

    private protected abstract double Next(ref NormalStream random);

    private static double Positive(double rate) =>
        rate > 0 && double.IsFinite(rate) ? rate : throw new ArgumentOutOfRangeException(nameof(rate), rate, "must be more than 0");

    private sealed record ConstantRate(double Rate) : RateDistribution
    {
        private protected override double Next(ref NormalStream random) => Rate;
    }

    private sealed record UniformRate(double Least, double Most) : RateDistribution
    {
        private protected override double Next(ref NormalStream random) => Least + (Most - Least) * random.NextUniform();
    }

    private sealed record LogNormalRate(double Median, double Sigma) : RateDistribution
    {
        private protected override double Next(ref NormalStream random) => Median * Math.Exp(Sigma * random.NextNormal());
    }
}
