using Dpwa.Cli.Commands;
using Dpwa.Cli.Output;
using Dpwa.Launch.Watch;

namespace Dpwa.Cli.Live;

/// <summary>Where there is no terminal: one table below the other.</summary>
internal sealed class TopLines : ITopOutput
{
    public void Show(ClusterView view, IReadOnlyList<ClusterEvent> events)
    {
        Console.Out.WriteLine(view.At.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        StatusCommand.Print(Screen.Create(), view);
        foreach (var what in events) Console.Out.WriteLine(what.Text);
        Console.Out.WriteLine();
    }

    public void Dispose()
    {
    }
}

/// <summary>For programs: one JSON object a line.</summary>
internal sealed class TopJson(string config) : ITopOutput
{
    public void Show(ClusterView view, IReadOnlyList<ClusterEvent> events) => Json.PrintLine(ViewJson.Of(view, config, events));

    public void Dispose()
    {
    }
}
