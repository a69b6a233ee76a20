using System.Globalization;

namespace Dpwa.Launch.Bench;

/// <summary>Numbers with a unit, as people write them: <c>45MB</c>, <c>1.5 GiB</c>, <c>100Mbit</c>, or a bare number of the smallest unit.</summary>
public static class Quantity
{
    private static readonly (string Unit, double Factor)[] Bytes =
        [("", 1), ("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("KiB", 1024), ("MiB", 1024 * 1024), ("GiB", 1024 * 1024 * 1024)];

    private static readonly (string Unit, double Factor)[] Bits = [("", 1), ("bit", 1), ("kbit", 1e3), ("Mbit", 1e6), ("Gbit", 1e9)];

    /// <summary>Reads a size in bytes: decimal units (<c>MB</c> is 10⁶) and binary ones (<c>MiB</c> is 2²⁰), in any case.</summary>
    public static bool TryParseBytes(string text, out long bytes)
    {
        var right = TryParse(text, Bytes, out var value);
        bytes = right ? (long)value : 0;
        return right;
    }

    /// <summary>Reads a rate in bits a second: <c>1Gbit</c>, <c>100 Mbit/s</c>.</summary>
    public static bool TryParseBits(string text, out double bitsPerSecond)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text.EndsWith("/s", StringComparison.OrdinalIgnoreCase) ? text[..^2] : text, Bits, out bitsPerSecond);
    }

    /// <summary>A size in the decimal unit that fits: <c>45 MB</c>, <c>1.25 GB</c>.</summary>
    public static string ShowBytes(double bytes) => Show(bytes, [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)], "B");

    /// <summary>A rate in the unit that fits: <c>1 Gbit/s</c>.</summary>
    public static string ShowBits(double bitsPerSecond) => Show(bitsPerSecond, [("Gbit", 1e9), ("Mbit", 1e6), ("kbit", 1e3)], "bit") + "/s";

    private static bool TryParse(string text, (string Unit, double Factor)[] units, out double value)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = 0;
        var digits = text.Trim().TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var unit = text.Trim()[digits..].TrimStart();
        var known = units.Where(known => known.Unit.Equals(unit, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (known.Length == 0 || !double.TryParse(text.Trim()[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        value = number * known[0].Factor;
        return value is >= 1 and <= 1e15;
    }

    private static string Show(double value, (string Unit, double Factor)[] units, string smallest)
    {
        var (unit, factor) = Array.Find(units, unit => value >= unit.Factor) is { Unit: not null } fits ? fits : (smallest, 1);
        return string.Create(CultureInfo.InvariantCulture, $"{value / factor:0.##} {unit}");
    }
}
