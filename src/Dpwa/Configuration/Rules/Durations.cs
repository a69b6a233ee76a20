using System.Globalization;

namespace Dpwa.Configuration;

/// <summary>Lengths of time as a text with a unit: <c>500ms</c>, <c>1.5s</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class Durations
{
    private static readonly (string Unit, double Milliseconds)[] Units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    public static bool TryParse(string text, out double milliseconds)
    {
        foreach ((string unit, double factor) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), Number, CultureInfo.InvariantCulture, out milliseconds))
            {
                milliseconds *= factor;
                return true;
            }
        }

        milliseconds = 0;
        return false;
    }

    private const NumberStyles Number = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite;
}
