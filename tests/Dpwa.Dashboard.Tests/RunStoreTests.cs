using Dpwa.Dashboard.Storage;
using Dpwa.Dashboard.Tests.Support;
using Dpwa.Dashboard.Watching;
using Dpwa.Launch;

namespace Dpwa.Dashboard.Tests;

public sealed class RunStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.File("a/runs.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_long_run_stays_within_its_points_and_loses_no_exchange()
    {
        const int seconds = RunStore.MostPoints * 5;
        using RunStore store = RunStore.Open(Data);
        var recorder = new RunRecorder(store, "c", ["w1", "w2"]);
        for (int s = 0; s < seconds; s++)
            recorder.Add(Views.At(s, Views.Running("w1", step: s, loss: s, news: Views.Averaged(s + 1, "w2")), Views.Running("w2", step: s)));

        RunHistory history = new RunReader(Data).History(1, RunStore.MostPoints)!;
        Assert.InRange(history.Times.Count, RunStore.MostPoints / 2, RunStore.MostPoints);
        Assert.Equal(seconds, history.Cluster.Averaged.Sum());
        Assert.Equal(8, history.Width);
        // The mean of the first eight seconds' losses, 0 to 7; the last clock of the run.
        Assert.Equal(3.5f, history.Nodes[0].Loss[0]);
        Assert.Equal(seconds - 1, history.Nodes[0].Clock[^1]);
        Assert.Equal(new Edge("w2", "w1", seconds, 0), Assert.Single(history.Edges));
    }

    [Fact]
    public void A_page_is_given_as_few_points_as_it_asks_for()
    {
        using RunStore store = RunStore.Open(Data);
        var recorder = new RunRecorder(store, "c", ["w1"]);
        for (int s = 0; s < 100; s++)
            recorder.Add(Views.At(s, Views.Running("w1", loss: s)));

        RunHistory history = new RunReader(Data).History(1, 10)!;
        Assert.Equal(10, history.Times.Count);
        Assert.Equal([0.0, 10, 20], history.Times.Take(3));
        Assert.Equal(4.5f, history.Nodes[0].Loss[0]);
    }

    [Fact]
    public void Of_the_event_log_the_newest_lines_stay()
    {
        using RunStore store = RunStore.Open(Data);
        var recorder = new RunRecorder(store, "c", ["w1", "w2"]);
        for (int s = 0; s < RunStore.MostEvents + 10; s++)
            recorder.Add(Views.At(s, Views.Running("w1"), s % 2 == 0 ? Views.Running("w2") : Views.Silent("w2")));

        IReadOnlyList<RunEvent> events = new RunReader(Data).History(1, 10)!.Events;
        Assert.Equal(RunStore.MostEvents, events.Count);
        Assert.Equal(EventKind.Silent, events[^1].Kind);
    }

    [Fact]
    public void Of_the_runs_the_newest_stay()
    {
        using RunStore store = RunStore.Open(Data);
        for (int i = 0; i < RunStore.MostRuns + 5; i++)
            store.Begin("c", ["w1"], Views.Start.AddSeconds(i));

        IReadOnlyList<RunSummary> runs = new RunReader(Data).Runs();
        Assert.Equal(RunStore.MostRuns, runs.Count);
        Assert.Equal(RunStore.MostRuns + 5, runs[0].Id);
        Assert.Null(new RunReader(Data).History(1, 10));
    }

    [Fact]
    public void A_file_has_one_writer()
    {
        using (RunStore.Open(Data))
            Assert.Contains("Another dashboard", Assert.Throws<LaunchException>(() => RunStore.Open(Data)).Message, StringComparison.Ordinal);
        RunStore.Open(Data).Dispose();
    }

    [Fact]
    public void Another_file_is_left_as_it_is()
    {
        string file = _folder.File("notes.txt");
        File.WriteAllText(file, new string('x', 4096));
        Assert.Contains("no file of runs", Assert.Throws<LaunchException>(() => RunStore.Open(file)).Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 4096), File.ReadAllText(file));
    }

    [Fact]
    public void A_report_of_no_file_says_how_to_get_one() =>
        Assert.Contains("'dpwa dashboard' keeps them", Assert.Throws<LaunchException>(() => new RunReader(Data).Runs()).Message, StringComparison.Ordinal);
}
