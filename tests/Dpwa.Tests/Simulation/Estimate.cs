namespace Dpwa.Tests.Simulation;

/// <summary>What independent repetitions say of an expectation.</summary>
internal static class Estimate
{
    // A right prediction is missed once in 16,000 times; runs are the same for the same seed, so never or always.
    private const double Sigmas = 4;

    /// <summary>The mean must be the prediction but for the standard error that this many values leave, which itself must be small enough to tell something.</summary>
    public static void AgreesWith(double predicted, IReadOnlyCollection<double> values, double sharpness = 0.1)
    {
        double mean = values.Average();
        double error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count);
        Assert.True(Sigmas * error <= sharpness * predicted, $"{values.Count} values are too few: {mean:G4} ± {error:G2}");
        Assert.True(Math.Abs(mean - predicted) <= Sigmas * error, $"predicted {predicted:G4}, but it is {mean:G4} ± {error:G2}");
    }
}
