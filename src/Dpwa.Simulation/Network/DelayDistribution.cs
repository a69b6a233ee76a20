namespace Dpwa.Simulation.Network;

/// <summary>How long messages take, each drawn by itself. The shortest is 100 ns: nothing arrives in the instant in which it was sent.</summary>
public abstract record DelayDistribution
{
    private static readonly TimeSpan Shortest = TimeSpan.FromTicks(1);

    private DelayDistribution()
    {
    }

    /// <summary>The mean.</summary>
    public abstract TimeSpan Mean { get; }

    /// <summary>Always the same.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static DelayDistribution Constant(TimeSpan delay) => new ConstantDelay(NotNegative(delay));

    /// <summary>Anything from the least to the most, alike.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is negative, or the least is more than the most.</exception>
    public static DelayDistribution Uniform(TimeSpan least, TimeSpan most)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(least, most);
        return new UniformDelay(NotNegative(least), most);
    }

    /// <summary>A lognormal distribution, as measured delays have: most near the median, a few much longer.</summary>
    /// <param name="median">Half of the delays are shorter.</param>
    /// <param name="sigma">The standard deviation of the delay's logarithm, from 0 to 5; 0.5 is a calm network, 1 one with a long tail.</param>
    /// <exception cref="ArgumentOutOfRangeException">The median is negative, or sigma out of range.</exception>
    public static DelayDistribution LogNormal(TimeSpan median, double sigma)
    {
        if (!(sigma is >= 0 and <= 5))
            throw new ArgumentOutOfRangeException(nameof(sigma), sigma, "must be from 0 to 5");
        return new LogNormalDelay(NotNegative(median), sigma);
    }

    internal TimeSpan Draw(ref NormalStream random)
    {
        TimeSpan drawn = Next(ref random);
        return drawn > Shortest ? drawn : Shortest;
    }

    private protected abstract TimeSpan Next(ref NormalStream random);

    private static TimeSpan NotNegative(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return delay;
    }

    private sealed record ConstantDelay(TimeSpan Delay) : DelayDistribution
    {
        public override TimeSpan Mean => Delay;

        private protected override TimeSpan Next(ref NormalStream random) => Delay;
    }

    private sealed record UniformDelay(TimeSpan Least, TimeSpan Most) : DelayDistribution
    {
        public override TimeSpan Mean => (Least + Most) / 2;

        private protected override TimeSpan Next(ref NormalStream random) => Least + (Most - Least) * random.NextUniform();
    }

    private sealed record LogNormalDelay(TimeSpan Median, double Sigma) : DelayDistribution
    {
        public override TimeSpan Mean => Median * Math.Exp(Sigma * Sigma / 2);

        private protected override TimeSpan Next(ref NormalStream random) => Median * Math.Exp(Sigma * random.NextNormal());
    }
}
