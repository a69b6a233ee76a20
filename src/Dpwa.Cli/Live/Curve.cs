using Dpwa.Cli.Output;

namespace Dpwa.Cli.Live;

/// <summary>A curve beside a number.</summary>
/// <param name="Of">The values of a row, oldest first.</param>
/// <param name="IsFromZero">Whether the lowest block is zero, as for a rate. Else it is the least value, and the scale logarithmic, so that what falls to nothing is still seen to fall and a peak hides nothing.</param>
internal sealed record Curve(Func<int, IReadOnlyList<double?>> Of, bool IsFromZero)
{
    /// <summary>The curves of some rows, on one scale, so that they can be compared.</summary>
    public IReadOnlyList<string> Draw(IReadOnlyList<int> rows, int width)
    {
        var all = rows.Select(row => Of(row).TakeLast(width).Select(value => IsFromZero ? value : value > 0 ? Math.Log(value.Value) : null).ToArray()).ToArray();
        double[] values = [.. all.SelectMany(row => row).OfType<double>().Where(double.IsFinite)];
        if (values.Length == 0) return [.. all.Select(_ => "")];
        var (least, most) = (IsFromZero ? 0 : values.Min(), values.Max());
        return [.. all.Select(row => Sparkline.Draw(row, width, least, most))];
    }
}
