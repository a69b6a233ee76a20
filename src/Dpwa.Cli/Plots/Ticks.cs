using System.Globalization;

namespace Dpwa.Cli.Plots;

/// <summary>Figures at an axis.</summary>
internal static class Ticks
{
    /// <summary><c>20</c>, <c>1.5k</c>, <c>20M</c>.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => $"{Number(value / 1e9)}G",
        >= 1e6 => $"{Number(value / 1e6)}M",
        >= 1e3 => $"{Number(value / 1e3)}k",
        _ => Number(value),
    };

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
