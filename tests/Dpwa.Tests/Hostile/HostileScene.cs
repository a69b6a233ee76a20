using Dpwa.Tests.Support;

namespace Dpwa.Tests.Hostile;

/// <summary>
/// A node under test with one hostile peer and, later, a good one. Its model is filled with 1, the good peer's with 3. Where something has to time out, time-outs are short.
/// </summary>
internal sealed class HostileScene : IAsyncDisposable
{
    public const int Length = 100;

    private static readonly float[] Expected = Enumerable.Repeat(1f, Length).ToArray();
    private readonly HostilePeer? _evil;
    private readonly SkippingTime _time = new();
    private DpwaConnection? _good;

    public HostileScene(HostilePeer? evil, Func<DpwaOptions, DpwaOptions>? change = null)
    {
        _evil = evil;
        Options = new DpwaOptions
        {
            Nodes = [new DpwaNode("w1", "127.0.0.1", 0)],
            Timeout = TimeSpan.FromSeconds(20),
            LoggerFactory = Logs,
            Seed = 1,
            TimeProvider = _time,
            Transport = TransportChoice.Tcp,
        };
        Options = change?.Invoke(Options) ?? Options;
        Node = new DpwaConnection("w1", Options);
        if (evil is not null)
            Node.AddPeer(evil.Node);
    }

    /// <summary>Time-outs of 200 ms, for scenarios that need one.</summary>
    public static DpwaOptions Impatient(DpwaOptions options) => options with { Timeout = TimeSpan.FromMilliseconds(200) };

    public RecordingLogs Logs { get; } = new();

    public DpwaOptions Options { get; }

    public DpwaConnection Node { get; }

    public float[] Values { get; } = [.. Expected];

    public PeerStatus Evil => Node.Peers.Single(p => p.Name == HostilePeer.Name);

    public int Port => Pair.PortOf(Node.ListenEndPoint);

    /// <summary>A scene whose node has published, and has no peer.</summary>
    public static async Task<HostileScene> Published(float[]? values = null, Func<DpwaOptions, DpwaOptions>? change = null)
    {
        var scene = new HostileScene(evil: null, change);
        scene.Node.UpdateSend(values ?? scene.Values, 1);
        Assert.Equal(UpdateOutcome.NoPeer, (await Task.Run(() => scene.Node.UpdateWait(values ?? scene.Values, 1))).Outcome);
        return scene;
    }

    public async Task<UpdateResult> Step()
    {
        Node.UpdateSend(Values, 1);
        return await Task.Run(() => Node.UpdateWait(Values, 1));
    }

    /// <summary>
    /// The outcome is as expected and nothing is averaged; the parameters are the same bit for bit; the failure is counted, and logged once however often it
    /// happens; another client is served meanwhile; a good peer is averaged with afterwards; and nothing stays held.
    /// </summary>
    public async Task IsRejected(UpdateOutcome outcome, string kind, string? text = null)
    {
        UpdateResult result = await Step();
        Assert.True(outcome == result.Outcome, $"{result.Outcome}: {result.Reason}");
        Assert.Equal(Expected, Values);
        Assert.Equal((HostilePeer.Name, 0d), (result.Peer, result.Factor));
        Assert.Equal((1L, 0L), (Evil.Failures, Evil.Exchanges));
        Assert.StartsWith(Evil.LastError!, result.Reason, StringComparison.Ordinal);
        await Logs.Logged(10);
        string line = Assert.Single(Logs.Of(10));
        Assert.StartsWith($"{HostilePeer.Name} failed ({kind})", line, StringComparison.Ordinal);
        if (text is not null)
            Assert.Contains(text, line, StringComparison.Ordinal);

        await GoesOn();

        // Again, once the back-off allows it: counted, but not logged again.
        Node.RemovePeer("good");
        EndBackOff();
        await Step();
        Assert.True(Evil.Failures >= 2);
        Assert.Single(Logs.Of(10), l => l.StartsWith(HostilePeer.Name, StringComparison.Ordinal));
    }

    /// <summary>The time of the back-off passes, all at once.</summary>
    public void EndBackOff()
    {
        while (Evil.State == PeerState.BackingOff)
            _time.Skip(TimeSpan.FromMilliseconds(100));
        Assert.Equal(PeerState.Available, Evil.State);
    }

    /// <summary>Time passes, all at once.</summary>
    public void Skip(TimeSpan time) => _time.Skip(time);

    /// <summary>A good node is served, and averaged with; no lease stays, and nothing unexpected was logged.</summary>
    public async Task GoesOn()
    {
        float[] theirs = Enumerable.Repeat(3f, Length).ToArray();
        _good ??= new DpwaConnection("good", Options with { Nodes = [new DpwaNode("good", "127.0.0.1", 0)], LoggerFactory = new RecordingLogs(), Timeout = TimeSpan.FromSeconds(20) });
        _good.AddPeer(new DpwaNode("w1", "127.0.0.1", Port));
        _good.UpdateSend(theirs, 1);
        UpdateResult served = await Task.Run(() => _good.UpdateWait(theirs, 1));
        Assert.True(served.Outcome == UpdateOutcome.Averaged, $"the good client was not served: {served.Reason}");
        Assert.Equal(Enumerable.Repeat(2f, Length), theirs);

        Node.AddPeer(new DpwaNode("good", "127.0.0.1", Pair.PortOf(_good.ListenEndPoint)));
        UpdateResult result;
        do
            result = await Step();
        while (result.Outcome != UpdateOutcome.Averaged && !TestContext.Current.CancellationToken.IsCancellationRequested);
        Assert.True((UpdateOutcome.Averaged, "good") == (result.Outcome, result.Peer), result.Reason);
        Assert.Equal(Enumerable.Repeat(2f, Length), Values);
        await Eventually.NothingIsLeased(Node, _good);
        Assert.Empty(Logs.Of(90));
    }

    public async ValueTask DisposeAsync()
    {
        if (_good is not null)
            await _good.DisposeAsync();
        await Node.DisposeAsync();
        if (_evil is not null)
            await _evil.DisposeAsync();
    }
}
