using System.Globalization;

namespace Dpwa.Cli.Output;

/// <summary>Numbers that are read at a glance; a dash where nothing is known.</summary>
internal static class Numbers
{
    public const string Unknown = "-";

    /// <summary><c>12,345</c>.</summary>
    public static string Count(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>Three digits or four: <c>0.0123</c>, <c>2.31</c>, <c>131</c>, <c>4.1 k</c>.</summary>
    public static string Show(double? number) => number switch
    {
        null => Unknown,
        0 => "0",
        { } n when Math.Abs(n) is >= 1e9 or < 1e-3 => n.ToString("0.0e0", CultureInfo.InvariantCulture),
        { } n when Math.Abs(n) >= 1e6 => Of(n / 1e6, "0.0 M"),
        { } n when Math.Abs(n) >= 1e4 => Of(n / 1e3, "0.0 k"),
        { } n when Math.Abs(n) >= 100 => Of(n, "0"),
        { } n when Math.Abs(n) >= 10 => Of(n, "0.0"),
        { } n when Math.Abs(n) >= 1 => Of(n, "0.00"),
        { } n when Math.Abs(n) >= 0.1 => Of(n, "0.000"),
        { } n => Of(n, "0.0000"),
    };

    /// <summary><c>1.4 MB</c>.</summary>
    public static string Bytes(double? bytes) => bytes switch
    {
        null => Unknown,
        >= 1e12 => Of(bytes.Value / 1e12, "0.0 TB"),
        >= 1e9 => Of(bytes.Value / 1e9, "0.0 GB"),
        >= 1e6 => Of(bytes.Value / 1e6, "0.0 MB"),
        >= 1e3 => Of(bytes.Value / 1e3, "0.0 kB"),
        { } n => Of(n, "0 B"),
    };

    private static string Of(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
