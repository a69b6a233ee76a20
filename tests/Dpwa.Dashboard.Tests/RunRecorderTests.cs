using Dpwa.Dashboard.Storage;
using Dpwa.Dashboard.Tests.Support;
using Dpwa.Dashboard.Watching;

namespace Dpwa.Dashboard.Tests;

public sealed class RunRecorderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private RunStore _store;
    private RunRecorder _recorder;

    public RunRecorderTests() => (_store, _recorder) = Open();

    private string Data => _folder.File("runs.db");

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Nothing_is_kept_before_a_node_runs()
    {
        Tick tick = _recorder.Add(Views.At(0, Views.Silent("w1"), Views.Silent("w2")));
        Assert.Null(tick.Run);
        Assert.All(tick.Nodes, node => Assert.Equal(NodeStanding.Waiting, node.State));
        Assert.Empty(new RunReader(Data).Runs());
    }

    [Fact]
    public void A_node_that_dies_is_one_line_and_one_when_it_is_back()
    {
        _recorder.Add(Views.At(0, Views.Running("w1"), Views.Running("w2")));
        Tick died = _recorder.Add(Views.At(1, Views.Running("w1"), Views.Silent("w2", "refused")));
        Assert.Equal(NodeStanding.Silent, died.Nodes[1].State);
        Assert.Equal(("w2", EventKind.Silent, "does not answer: refused"), Line(Assert.Single(died.Events)));
        Assert.Empty(_recorder.Add(Views.At(2, Views.Running("w1"), Views.Silent("w2", "refused"))).Events);
        Tick back = _recorder.Add(Views.At(3, Views.Running("w1"), Views.Running("w2", life: 2, step: 7)));
        Assert.Equal(("w2", EventKind.Started, "was started again, at step 7"), Line(Assert.Single(back.Events)));
        Assert.Equal(1, back.Run);
    }

    [Fact]
    public void A_peer_that_fails_is_one_line_and_one_when_it_averages_again()
    {
        _recorder.Add(Views.At(0, Views.Running("w1"), Views.Running("w2")));
        Tick failing = _recorder.Add(Views.At(1, Views.Running("w1", news: [Views.Failed(1, "w2", "timed out"), Views.Failed(2, "w2", "timed out")]), Views.Running("w2")));
        Assert.Equal(("w1", EventKind.Failing, "cannot average with w2: timed out"), Line(Assert.Single(failing.Events)));
        Assert.Equal(2, failing.Cluster.Failed);
        Tick right = _recorder.Add(Views.At(2, Views.Running("w1", news: Views.Averaged(3, "w2")), Views.Running("w2")));
        Assert.Equal(("w1", EventKind.Recovered, "averages with w2 again, after 2 failures"), Line(Assert.Single(right.Events)));
    }

    [Fact]
    public void When_every_node_has_another_life_it_is_another_run()
    {
        Assert.Equal(1, _recorder.Add(Views.At(0, Views.Running("w1", life: 1), Views.Running("w2", life: 1))).Run);
        Assert.Equal(1, _recorder.Add(Views.At(1, Views.Running("w1", life: 2), Views.Running("w2", life: 1))).Run);
        Assert.Equal(1, _recorder.Add(Views.At(2, Views.Running("w1", life: 2), Views.Running("w2", life: 2))).Run);
        _recorder.Add(Views.At(3, Views.Silent("w1"), Views.Silent("w2")));
        Tick next = _recorder.Add(Views.At(4, Views.Running("w1", life: 3), Views.Silent("w2")));
        Assert.Equal((2, 0.0), (next.Run, next.T));
        Assert.Equal(NodeStanding.Waiting, next.Nodes[1].State);
    }

    [Fact]
    public void A_dashboard_that_is_started_again_goes_on_and_counts_nothing_twice()
    {
        _recorder.Add(Views.At(0, Views.Running("w1", news: [Views.Averaged(1, "w2"), Views.Averaged(2, "w2")]), Views.Running("w2")));
        _store.Dispose();
        (_store, _recorder) = Open();
        // The first answer has all that the node still knows.
        Tick tick = _recorder.Add(Views.At(60, Views.Running("w1", news: [Views.Averaged(1, "w2"), Views.Averaged(2, "w2"), Views.Averaged(3, "w2")]), Views.Running("w2")));
        Assert.Equal((1, 60.0, 1), (tick.Run, tick.T, tick.Cluster.Averaged));
        Assert.Equal(new Edge("w2", "w1", 3, 0), Assert.Single(new RunReader(Data).History(1, 100)!.Edges));
    }

    [Fact]
    public void What_no_configuration_has_is_no_edge_and_what_is_no_number_is_nothing()
    {
        Tick tick = _recorder.Add(Views.At(0, Views.Running("w1", loss: double.NaN, news: [Views.Averaged(1, "stranger"), Views.Averaged(2, "w1")]), Views.Running("w2", loss: null)));
        Assert.Empty(tick.Exchanges);
        Assert.Null(tick.Nodes[0].Loss);
        Assert.Null(tick.Cluster.Loss);
    }

    private (RunStore, RunRecorder) Open()
    {
        RunStore store = RunStore.Open(Data);
        return (store, new(store, "c", ["w1", "w2"]));
    }

    private static (string, EventKind, string) Line(RunEvent e) => (e.Node, e.Kind, e.Text);
}
