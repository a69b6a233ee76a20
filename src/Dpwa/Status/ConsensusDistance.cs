namespace Dpwa;

/// <summary>
/// How far workers' models are apart, estimated from their sketches (<see cref="NodeStatus.Sketch"/>) without moving a model: <c>√(1/N·Σ‖x_i − x̄‖²)</c>, the root of the mean square distance to the mean
/// of all, as METHODS has it. The estimate of a square has a standard deviation of 4.4 % or less where differences are spread over many weights (docs/monitoring.md has the bound and its test).
/// </summary>
public static class ConsensusDistance
{
    /// <summary>The estimate; null when fewer than two sketches are of one length and finite.</summary>
    /// <param name="sketches">One a worker; empty ones are left out.</param>
    public static double? Estimate(IEnumerable<IReadOnlyList<float>> sketches)
    {
        ArgumentNullException.ThrowIfNull(sketches);
        IReadOnlyList<float>[] usable = [.. sketches.Where(s => s.Count > 0)];
        if (usable.Length < 2 || usable.Any(s => s.Count != usable[0].Count))
            return null;
        double squares = 0;
        for (int b = 0; b < usable[0].Count; b++)
        {
            double mean = usable.Average(s => (double)s[b]);
            squares += usable.Sum(s => (s[b] - mean) * (s[b] - mean));
        }

        double distance = Math.Sqrt(squares / usable.Length);
        return double.IsFinite(distance) ? distance : null;
    }
}
