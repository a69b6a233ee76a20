using System.Globalization;
using System.Text.RegularExpressions;

namespace Dpwa.Configuration;

/// <summary>
/// Numbers as YAML 1.2 writes them, and with the underscores of YAML 1.1, which the original's parser reads. A leading zero (<c>0755</c>)
/// is no number here: 1.1 takes it for octal, 1.2 for decimal.
/// </summary>
internal static partial class YamlNumber
{
    public static bool TryParse(string text, out double value, out bool isWhole)
    {
        isWhole = true;
        if (Whole().IsMatch(text))
            return Parse(text, NumberStyles.AllowLeadingSign, out value);
        if (Based().IsMatch(text))
            return ParseBased(text, out value);

        isWhole = false;
        if (Fraction().IsMatch(text))
            return Parse(text, NumberStyles.Float, out value);
        (bool isSpecial, value) = text switch
        {
            ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => (true, double.PositiveInfinity),
            "-.inf" or "-.Inf" or "-.INF" => (true, double.NegativeInfinity),
            ".nan" or ".NaN" or ".NAN" => (true, double.NaN),
            _ => (false, 0),
        };
        return isSpecial;
    }

    private static bool Parse(string text, NumberStyles style, out double value) =>
        double.TryParse(text.Replace("_", "", StringComparison.Ordinal), style, CultureInfo.InvariantCulture, out value);

    private static bool ParseBased(string text, out double value)
    {
        // Not more than 15 digits: exact in a double, and far beyond any key's range.
        value = Convert.ToInt64(text[2..], text[1] == 'x' ? 16 : 8);
        return true;
    }

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9_]{0,400})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^(0x[0-9a-fA-F]{1,12}|0o[0-7]{1,15})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Based();

    [GeneratedRegex(
        @"^[-+]?(\.[0-9][0-9_]{0,400}|(0|[1-9][0-9_]{0,400})(\.[0-9_]{0,400})?)([eE][-+]?[0-9]{1,9})?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Fraction();
}
