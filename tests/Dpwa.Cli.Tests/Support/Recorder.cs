using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Tests.Support;

/// <summary>Remembers what a group tells.</summary>
internal sealed class Recorder
{
    private readonly Lines<LaunchEvent> _events = new();

    public WorkerGroupOptions Options => new() { OnEvent = _events.Add };

    public IEnumerable<T> All<T>()
        where T : LaunchEvent => _events.All.OfType<T>();

    public IEnumerable<string> Output(string worker) => All<WorkerOutput>().Where(line => line.Worker == worker).Select(line => line.Text);

    public async Task<T> FirstAsync<T>(Func<T, bool>? wanted = null)
        where T : LaunchEvent => (T)await _events.FirstAsync(what => what is T of && (wanted is null || wanted(of)));

    /// <summary>The rest of the first line that begins so.</summary>
    public async Task<string> AfterAsync(string start) =>
        (await FirstAsync<WorkerOutput>(line => line.Text.StartsWith(start, StringComparison.Ordinal))).Text[start.Length..].Trim();
}
