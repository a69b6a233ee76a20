namespace Dpwa.Launch.Bench;

/// <summary>What many measurements of one thing were: never their mean, which one disturbance moves.</summary>
/// <param name="Median">Half were at most this.</param>
/// <param name="P99">99 of 100 were at most this.</param>
public sealed record Spread(double Median, double P99)
{
    /// <summary>Of these measurements. Both are measurements that happened, by nearest rank; not a number when there are none.</summary>
    public static Spread Of(IEnumerable<double> measurements)
    {
        double[] sorted = [.. measurements.Order()];
        return new(Rank(sorted, 0.5), Rank(sorted, 0.99));
    }

    /// <summary>Only the median.</summary>
    public static double MedianOf(IEnumerable<double> measurements) => Of(measurements).Median;

    private static double Rank(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
