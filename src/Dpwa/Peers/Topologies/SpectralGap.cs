namespace Dpwa.Peers.Topologies;

/// <summary>
/// How fast the workers of a configuration would come to agree if they only exchanged: in the long run an exchange of all leaves the share (1 − <see cref="Gap"/>)² of the
/// consensus distance V = Σ‖x_i − x̄‖². It is the gap between the largest and the second eigenvalue of the mixing matrices (Boyd et al., "Randomized gossip algorithms", 2006).
/// </summary>
/// <param name="Gap">From 0, never, to 1, exactly within finitely many rounds.</param>
/// <param name="ExactAfter">After how many rounds all agree exactly; null when they only come closer.</param>
/// <param name="IsBound">Whether the gap is at most this, and was not found more exactly: of a large and slow topology.</param>
public sealed record SpectralGap(double Gap, long? ExactAfter, bool IsBound)
{
    private const double Rounding = 1e-13;

    /// <summary>How many rounds halve the disagreement, the root of V; infinite for a gap of 0.</summary>
    public double RoundsToHalve => Gap > 0 ? Math.Log(0.5) / Math.Log(1 - Gap) : double.PositiveInfinity;

    /// <summary>
    /// The gap of a configuration, with the factor of the constant method, or ½ for a factor that depends on clocks or losses; a round is an exchange (<c>exchange_every</c>).
    /// Null where it does not follow from the topology: with a selector of the program's own, with an outer optimizer, or for one node.
    /// </summary>
    public static SpectralGap? Of(DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        int n = options.Nodes.Count;
        if (options.Selector != "random" || options.Outer is not null || n < 2)
            return null;

        // A coordinate takes part in an exchange with probability p. For random partners, E[WᵀW] = (1−a′)I + a′·E[Π] with a′ = 2a(1−a)p is what V is multiplied by,
        // but for the drift of the mean where exchanges are one-sided, of the order 1/N.
        double a = options.Interpolation == "constant" ? options.ConstantValue : 0.5;
        double p = options.FetchProbability * options.Subset;
        double square = 2 * a * (1 - a) * p;
        return options.Topology switch
        {
            Topology.Random => OfRandomPartners(1 - square * n / (n - 1)),
            Topology.Matching => OfRandomPartners(1 - square * (n % 2 == 0 ? n / (n - 1.0) : 1)),
            Topology.Graph => OfRandomPartners(new PowerIteration(n, ExpectedPull.OnGraph(options, square)).Run()),
            _ => Of(new PowerIteration(n, ExpectedPull.On(Schedules.Of(options)!, a * p)).Run()),
        };
    }

    private static SpectralGap Of(Contraction contraction) => new(1 - contraction.Rate is var gap and > Rounding ? gap : 0, contraction.ExactAfter, !contraction.IsConverged);

    private static SpectralGap OfRandomPartners(Contraction ofSquares) => Of(ofSquares with { Rate = Math.Sqrt(ofSquares.Rate) });

    // Two nodes always have each other.
    private static SpectralGap OfRandomPartners(double ofSquares) => OfRandomPartners(new Contraction(ofSquares, ofSquares == 0 ? 1 : null, IsConverged: true));
}
