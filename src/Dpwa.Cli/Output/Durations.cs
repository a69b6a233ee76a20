using System.Globalization;

namespace Dpwa.Cli.Output;

internal static class Durations
{
    /// <summary><c>0.4 s</c>, <c>12 s</c>, <c>3:05</c>, <c>2:03:05</c>.</summary>
    public static string Show(TimeSpan time) => time.TotalSeconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        < 3600 => time.ToString(@"m\:ss", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}"),
    };
}
