using System.Net;
using Dpwa.Averaging;
using Dpwa.Diagnostics;
using Dpwa.Exchange;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Status;
using Dpwa.Transport;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Runtime;

/// <summary>
/// Drives a <see cref="GossipNode"/> over a transport. One gate lets in one event at a time; it is held for the few steps of the state machine
/// and never while anything is sent, received, copied or mixed.
/// </summary>
internal sealed partial class NodeRuntime : IAsyncDisposable
{
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly GossipNode _node;
    private readonly DpwaNode _self;
    private readonly DpwaOptions _options;
    private readonly ITransport _transport;
    private readonly IListener _listener;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TimeSpan _flushTime;
    private readonly ITimer _timer;
    private readonly Dictionary<long, ConnectionPump> _open = [];
    private readonly HashSet<ConnectionPump> _running = [];
    private readonly ReceiveBuffers _buffers = new();
    private readonly StepWaiter _waiter = new();
    private readonly PendingActions _trainerActions = new();
    private readonly Task _accepting;
    private readonly IDisposable _observed;
    private SharedSnapshots? _shared;
    private TimeSpan? _timerDue;
    private bool _isClosed;

    public NodeRuntime(DpwaNode self, DpwaOptions options, ITransport transport)
    {
        EnsureThreads();
        (_self, _options) = (self, options);
        _time = options.TimeProvider;
        _start = _time.GetTimestamp();
        _flushTime = options.Timeout < LongestGoodbye ? options.Timeout : LongestGoodbye;
        Log = new NodeLog(options.LoggerFactory.CreateLogger("Dpwa"), self.Name);
        Random random = options.Seed is { } seed ? new Random(HashSeed(seed, self.Name)) : new Random();
        _started = _time.GetUtcNow();
        _node = new GossipNode(self.Name, options, new Membership(options.Nodes), random, incarnation: (ulong)_started.UtcTicks);
        Journal = new Journal(_time);
        _sketches = new SketchCache(_time);
        _transport = transport;
        _listener = transport.Listen(self);
        _timer = _time.CreateTimer(static state => ((NodeRuntime)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _accepting = Task.Run(AcceptAsync);
        Log.Listening(_self.Name, _listener.EndPoint);
        _observed = DpwaMeter.Observe(() => Status(after: ulong.MaxValue));
    }

    public EndPoint EndPoint => _listener.EndPoint;

    public NodeLog Log { get; }

    public double Clock
    {
        get
        {
            lock (_gate)
                return _node.Clock;
        }
    }

    public IReadOnlyList<PeerStatus> Peers
    {
        get
        {
            lock (_gate)
                return _node.Peers(Now);
        }
    }

    /// <summary>Whether the next step publishes and exchanges. Asked by the trainer, who alone begins steps: it needs no gate.</summary>
    public bool ExchangesNext => _node.ExchangesNext;

    /// <summary>The steps begun; as <see cref="ExchangesNext"/>.</summary>
    public long Round => _node.Round;

    /// <summary>The number of the next step; as <see cref="ExchangesNext"/>.</summary>
    public ulong NextRound => _node.NextRound;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>The model is known. Gives where its snapshots live, if others of this host are to read them in place.</summary>
    public ISnapshotMemory? SetLayout(ParameterLayout layout)
    {
        DpwaNode[] members;
        lock (_gate)
            members = [.. _node.Members];
        SharedSnapshots? shared = SharedPath.TryCreate(_self, _options, members, layout, Log);
        lock (_gate)
            (_node.Layout, _shared) = (layout, shared);
        return shared;
    }

    public void AddPeer(DpwaNode node)
    {
        var actions = new PendingActions();
        lock (_gate)
        {
            _node.AddPeer(Now, node);
            Perform(actions);
        }

        actions.Run(this);
    }

    public bool RemovePeer(string name)
    {
        var actions = new PendingActions();
        bool removed;
        lock (_gate)
        {
            removed = _node.RemovePeer(Now, name);
            Perform(actions);
        }

        actions.Run(this);
        return removed;
    }

    public async ValueTask DisposeAsync()
    {
        var actions = new PendingActions();
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            _node.Close(Now);
            Perform(actions);
        }

        _observed.Dispose();

        // The goodbyes are given a moment; whoever does not take them by then is cut off. Each on a thread of its own, since a peer that reads nothing may hold it.
        foreach (ConnectionPump pump in actions.Kicks.Distinct())
            _ = Task.Factory.StartNew(pump.Kick, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        actions.Kicks.Clear();
        actions.Run(this);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        Task ended = Task.WhenAll(Running().Select(pump => pump.Completion));
        await Task.WhenAny(ended, Task.Delay(_flushTime, _time)).ConfigureAwait(false);
        foreach (ConnectionPump pump in Running())
        {
            pump.Close(flush: false);
            pump.Kick();
        }

        // Bounded: a resolver, or a logger that itself waits for this, may hold one for longer. Nothing of it reaches the node any more.
        await Task.WhenAny(ended, Task.Delay(_flushTime, _time)).ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        Log.Closed(_self.Name);
    }

    private void OnTimer()
    {
        lock (_gate)
            _timerDue = null;
        Tick();
    }

    private void Tick()
    {
        var actions = new PendingActions();
        lock (_gate)
        {
            foreach (ConnectionPump pump in _open.Values)
                _node.Progress(pump.Id, pump.Received, pump.Sent);
            _node.Tick(Now);
            Perform(actions);
        }

        actions.Run(this);
    }

    /// <summary>Does what the node asks for, as far as the gate allows; the rest is left for when the caller has left it.</summary>
    private void Perform(PendingActions actions)
    {
        List<Effect> effects = _node.Effects;
        for (int i = 0; i < effects.Count; i++)
            Perform(effects[i], actions);
        effects.Clear();
        ArmTimer();
    }

    private void Perform(in Effect effect, PendingActions actions)
    {
        switch (effect.Kind)
        {
            case EffectKind.Connect:
                NewPump(effect.Connection).Start(_transport, effect.Node!);
                break;
            case EffectKind.Send when _open.TryGetValue(effect.Connection, out ConnectionPump? pump):
                pump.Enqueue(effect.Message.Header.Type switch
                {
                    MessageType.Map => pump.Share(effect.Message.Header, _shared),
                    MessageType.Status => WithStatus(effect.Message),
                    _ => effect.Message,
                });
                actions.Kicks.Add(pump);
                break;
            case EffectKind.Map:
                Map(effect);
                break;
            case EffectKind.Send:
                effect.Message.Release();
                break;
            case EffectKind.Close when _open.Remove(effect.Connection, out ConnectionPump? pump):
                pump.Close(effect.Flush);
                actions.Kicks.Add(pump);
                break;
            case EffectKind.Decided:
                _waiter.Set();
                break;
            case EffectKind.Report:
                actions.Reports.Add(effect.Report);
                break;
        }
    }

    /// <summary>A few system calls, once a peer: they may happen within the gate.</summary>
    private void Map(in Effect effect)
    {
        using IPayload body = effect.Message.Body!;
        string problem = "the connection is closed";
        bool isMapped = _open.TryGetValue(effect.Connection, out ConnectionPump? pump)
            && pump.TryMap(effect.Message.Header, body.Segment(0).Span, _node.Layout!, _time, out problem);
        _node.Mapped(Now, effect.Connection, isMapped ? null : problem);
    }

    /// <summary>A timer that is due too early only ticks once for nothing, so it is changed only when it is due too late.</summary>
    private void ArmTimer()
    {
        if (_node.NextDeadline is not { } next || _timerDue <= next)
            return;
        _timerDue = next;
        TimeSpan delay = next - Now;

        // A timer counts whole milliseconds: rounded up, so that it does not fire just before the deadline.
        _timer.Change(delay > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds)) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private static int HashSeed(int seed, string name) => unchecked((int)(MessageHeader.IdOf(name) ^ ((ulong)(uint)seed * 0x9E3779B97F4A7C15)));

    /// <summary>
    /// Sockets complete on the thread pool. On one core its minimum is one thread, and a trainer that runs there would leave the exchange to wait
    /// for the pool's slow growth; four threads cost nothing while they are idle.
    /// </summary>
    private static void EnsureThreads()
    {
        const int enough = 4;
        ThreadPool.GetMinThreads(out int workers, out int completions);
        if (workers < enough)
            ThreadPool.SetMinThreads(enough, completions);
    }
}
