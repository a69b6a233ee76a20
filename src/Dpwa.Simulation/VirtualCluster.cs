using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Forms;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Simulation.Faults;
using Dpwa.Simulation.Network;
using Dpwa.Snapshots;

namespace Dpwa.Simulation;

/// <summary>
/// A cluster of production state machines (<see cref="GossipNode"/>) on virtual time and a virtual network, in one thread. What happens depends on the
/// seed alone. A body is copied once, into memory of the receiver, as a network does: who has fetched and not yet mixed holds nothing of its peer.
/// </summary>
public sealed partial class VirtualCluster
{
    private readonly PriorityQueue<Scheduled, (TimeSpan At, EventPhase Phase, long Order)> _events = new();
    private readonly VirtualNetwork _network;
    private readonly Membership _members;
    private readonly DpwaOptions _options;
    private readonly int _seed;
    private readonly VirtualNode[] _nodes;
    private TraceHash _trace;
    private long _order;
    private ulong _lives;

    /// <summary>A cluster of the nodes that the options name, all of them up.</summary>
    /// <param name="options">The options of every node.</param>
    /// <param name="layout">The model of every node.</param>
    /// <param name="seed">The source of all chance.</param>
    /// <param name="latency">The time a message takes; null: 1 ms.</param>
    /// <exception cref="DpwaConfigurationException">The options do not go with this model.</exception>
    public VirtualCluster(DpwaOptions options, ParameterLayout layout, int seed, TimeSpan? latency = null)
        : this(options, layout, seed, latency is { } constant ? new VirtualNetworkSettings { Latency = DelayDistribution.Constant(constant) } : new())
    {
    }

    /// <summary>A cluster of the nodes that the options name, all of them up.</summary>
    /// <param name="options">The options of every node.</param>
    /// <param name="layout">The model of every node.</param>
    /// <param name="seed">The source of all chance.</param>
    /// <param name="network">What is between them.</param>
    /// <exception cref="DpwaConfigurationException">The options do not go with this model.</exception>
    public VirtualCluster(DpwaOptions options, ParameterLayout layout, int seed, VirtualNetworkSettings network)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(network);
        _options = options;
        _members = new Membership(options.Nodes);
        _seed = seed;
        _network = new VirtualNetwork(network, options.Nodes.Count, seed);
        _nodes = [.. options.Nodes.Select((node, index) => NewNode(index, node.Name, layout))];
    }

    /// <summary>The virtual time.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>The virtual time of the next event; null when nothing more will happen.</summary>
    public TimeSpan? NextEvent => _events.TryPeek(out _, out (TimeSpan At, EventPhase Phase, long Order) key) ? key.At : null;

    /// <summary>Decides the fate of each message; null delivers all.</summary>
    public Func<MessageHeader, Delivery>? OnMessage { get; set; }

    /// <summary>A hash over what was delivered, in order: time, sender, receiver, type, request, length; and over the models as they are now.</summary>
    public ulong TraceHash
    {
        get
        {
            TraceHash hash = _trace;
            foreach (VirtualNode node in _nodes)
            {
                foreach (float value in node.Model.Values())
                    hash.Add(BitConverter.SingleToUInt32Bits(value));
            }

            return hash.Value;
        }
    }

    /// <summary>The bytes of parameters, as they travel, that all nodes have sent.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Node <paramref name="index"/>'s model, a vector for each tensor of float32.</summary>
    public VirtualModel Model(int index) => _nodes[index].Model;

    /// <summary>Node <paramref name="index"/>'s form of its model. A node that is started again has a new one.</summary>
    public ModelForm Form(int index) => _nodes[index].Form;

    /// <summary>Node <paramref name="index"/>'s state machine.</summary>
    public GossipNode Node(int index) => _nodes[index].Machine;

    /// <summary>Publishes a node's model and starts its exchange.</summary>
    /// <returns>Whether the model could be published: not in a local step, when readers hold every buffer, or when a value is not finite.</returns>
    public bool UpdateSend(int index, double loss)
    {
        VirtualNode node = _nodes[index];
        node.Machine.CheckLoss(loss);
        Snapshot? snapshot = node.Machine.ExchangesNext ? node.TryWrite() : null;
        if (snapshot is not null && !node.Form.Publish(node.Model, snapshot, node.Machine.NextRound))
            snapshot = null;
        node.Machine.UpdateSend(Now, loss, snapshot);
        if (snapshot is not null)
            node.Store.Published(snapshot);
        Perform(node);
        return snapshot is not null;
    }

    /// <summary>Runs until a node's exchange is decided, and mixes.</summary>
    public UpdateResult UpdateWait(int index, double loss)
    {
        UpdateResult? result = null;
        TimeSpan start = Now;
        UpdateWait(index, loss, r => result = r);
        while (result is null)
        {
            if (!RunNext())
                throw new InvalidOperationException("the exchange is not decided, and nothing more will happen");
        }

        return result.Value with { Waited = Now - start };
    }

    /// <summary>Has a node wait for its exchange; <paramref name="then"/> is called, in virtual time, when it has been mixed.</summary>
    public void UpdateWait(int index, double loss, Action<UpdateResult> then)
    {
        VirtualNode node = _nodes[index];
        node.Then = then;
        node.Machine.UpdateWait(Now, loss);
        Perform(node);
    }

    /// <summary>Runs <paramref name="action"/> after a time.</summary>
    public void After(TimeSpan delay, Action action) => At(Now + delay, EventPhase.Network, action);

    /// <summary>Runs <paramref name="action"/> at a time, and within its instant in a phase; in one phase what was asked for first is first.</summary>
    public void At(TimeSpan time, EventPhase phase, Action action) => _events.Enqueue(new(null, action), (time, phase, _order++));

    /// <summary>Runs the next event. Gives whether there was one.</summary>
    public bool RunNext()
    {
        if (!_events.TryDequeue(out Scheduled next, out (TimeSpan At, EventPhase Phase, long Order) key))
            return false;
        Now = key.At;
        if (next.Node is { IsDown: true } && !next.EvenIfDown)
            next.OrElse?.Invoke();
        else if (next.Node is { IsFrozen: true } frozen)
            frozen.Waiting.Enqueue((next.Action, next.OrElse));
        else
            next.Action();
        _broken?.Throw();
        return true;
    }

    /// <summary>Runs what happens within a time.</summary>
    public void Run(TimeSpan duration)
    {
        TimeSpan end = Now + duration;
        while (_events.TryPeek(out _, out (TimeSpan At, EventPhase Phase, long Order) key) && key.At <= end)
            RunNext();
        Now = end;
    }

    private VirtualNode NewNode(int index, string name, ParameterLayout layout)
    {
        ulong life = ++_lives;
        ModelForm form = ModelForm.Create(layout, _options);
        var machine = new GossipNode(name, _options, _members, new Random(HashCode(index, life)), life) { Layout = form.Published };
        return new VirtualNode(index, machine, new VirtualModel(layout), form, new SnapshotStore(form.Published));
    }

    // HashCode.Combine differs from process to process; this does not.
    private int HashCode(int index, ulong life) => unchecked((int)((((ulong)(uint)_seed << 32) + (ulong)index * 0x9E3779B9 + life * 0x85EBCA6B) * 0x9E3779B97F4A7C15 >> 32));

    private void Perform(VirtualNode node)
    {
        bool decided = false;
        List<Effect> effects = node.Machine.Effects;
        for (int i = 0; i < effects.Count; i++)
        {
            Effect effect = effects[i];
            switch (effect.Kind)
            {
                case EffectKind.Connect:
                    Connect(node, effect.Connection, _nodes[_members.IndexOf(effect.Node!.Name)]);
                    break;
                case EffectKind.Send:
                    Send(node, effect.Connection, effect.Message);
                    break;
                case EffectKind.Close when node.Connections.Remove(effect.Connection, out VirtualEnd? end):
                    if (end.Pump is { } pump)
                        pump.Close(effect.Flush);
                    else
                        CloseOther(node, end, "the peer closed the connection");
                    break;
                case EffectKind.Decided:
                    decided = true;
                    break;
            }
        }

        effects.Clear();
        if (node.Machine.NextDeadline is { } due && !(node.TickDue <= due))
        {
            node.TickDue = due;
            After(due > Now ? due - Now : TimeSpan.Zero, () => Tick(node, due));
        }

        // Last: whoever waited may go on with the next step right there.
        if (decided && node.ThenBegun is not null)
            Adopt(node);
        else if (decided && node.ThenMerged is not null)
            Merge(node);
        else if (decided)
            Mix(node);
    }

    private void Tick(VirtualNode node, TimeSpan due)
    {
        if (node.IsDown || node.TickDue != due)
            return;
        if (node.IsFrozen)
        {
            node.Waiting.Enqueue((() => Tick(node, due), null));
            return;
        }

        node.TickDue = null;
        foreach ((long id, VirtualEnd end) in node.Connections)
        {
            if (end.Pump is { } pump)
                node.Machine.Progress(id, pump.Received, pump.Sent);
            else if (_network.IsLimited)
                node.Machine.Progress(id, end.Incoming.Arrived(Now), end.Outgoing.Arrived(Now));
        }

        node.Machine.Tick(Now);
        Perform(node);
    }

    private void Connect(VirtualNode from, long id, VirtualNode to)
    {
        if (_network.HasFailed(from.Index, to.Index, Now))
        {
            Later(from, Soon(), () => CloseAt(from, id, new(FailureKind.Unreachable, "the link is down")));
            return;
        }

        // Nobody answers, not even with a refusal: the time-out tells.
        ConnectFate fate = Faults?.OnConnect(Now, from.Index, to.Index) ?? default;
        if (fate.Outcome == ConnectOutcome.Unanswered || _network.IsSeparated(from.Index, to.Index, Now))
            return;
        Later(to, Soon() + fate.Delay, () =>
        {
            long accepted = to.IsDown || fate.Outcome == ConnectOutcome.Refused ? 0 : to.Machine.Accepted(Now);
            if (accepted == 0)
            {
                Later(from, Soon(), () => CloseAt(from, id, new(FailureKind.Unreachable, "nothing listens there")));
                return;
            }

            (VirtualStream there, VirtualStream back) = (new(), new());
            var theirs = new VirtualEnd(from, id, Incoming: there, Outgoing: back);
            var mine = new VirtualEnd(to, accepted, Incoming: back, Outgoing: there);
            (to.Connections[accepted], from.Connections[id]) = (theirs, mine);
            if (Faults is not null)
                CarryFrames(mine, theirs);
            Perform(to);
            if (fate.Outcome == ConnectOutcome.Reset)
                mine.Pump!.Dispose();
            else
                Later(from, Soon(), () => On(from, () => from.Machine.Connected(Now, id)));
        }, evenIfDown: true);
    }

    private void Send(VirtualNode from, long id, Message message)
    {
        if (!from.Connections.TryGetValue(id, out VirtualEnd? end))
        {
            message.Release();
            return;
        }

        VirtualNode to = end.Node;
        if (end.Pump is { } pump)
        {
            pump.Enqueue(message);
            return;
        }

        if (_network.HasFailed(from.Index, to.Index, Now))
        {
            message.Release();
            CloseOther(from, end, "the link is down");
            Later(from, Soon(), () => CloseAt(from, id, new(FailureKind.Closed, "the link is down")));
            return;
        }

        CountSent(message.Header);
        if (OnMessage?.Invoke(message.Header) == Delivery.Drop || _network.IsSeparated(from.Index, to.Index, Now) || _network.Loses())
        {
            message.Release();
            Later(from, Soon(), () => On(from, () => from.Machine.Sent(Now, id)));
            return;
        }

        _network.Send(from.Index, to.Index, MessageHeader.Size + (long)message.Header.BodyLength, end.Outgoing, Now);
        if (message.Body is not null && end.Outgoing.FirstArrival < end.Outgoing.LastArrival)
            Later(to, end.Outgoing.FirstArrival, () => Admits(to, end.Id, message.Header));
        Later(to, end.Outgoing.LastArrival, () => Deliver(from, id, end, message), orElse: message.Release);
    }

    private void CountSent(in MessageHeader header)
    {
        if (header.Type is MessageType.Snapshot or MessageType.Piece)
            BytesSent += (long)header.BodyLength;
    }

    private void Deliver(VirtualNode from, long id, VirtualEnd end, Message message)
    {
        VirtualNode to = end.Node;
        Trace(from, to, (byte)message.Header.Type, message.Header.Request, message.Header.BodyLength);
        if (message.Body is not null && !Admits(to, end.Id, message.Header))
        {
            message.Release();
            return;
        }

        IPayload? body = message.Body is null ? null : to.Buffers.Receive(message.Header, message.Body);
        On(to, () => to.Machine.Received(Now, end.Id, message.Header, body));
        Later(from, Soon(), () => On(from, () => from.Machine.Sent(Now, id)));
    }

    /// <summary>A header has come, and its body is on the way: whether it may come.</summary>
    private bool Admits(VirtualNode node, long connection, MessageHeader header)
    {
        Failure refused = node.Machine.Admit(Now, connection, header);
        if (refused.Kind == FailureKind.None)
            return true;
        On(node, () => node.Machine.Closed(Now, connection, refused, abort: true));
        return false;
    }

    private void Trace(VirtualNode from, VirtualNode to, byte type, ulong request, ulong length)
    {
        _trace.Add((ulong)Now.Ticks);
        _trace.Add(((ulong)from.Index << 32) | (uint)to.Index);
        _trace.Add(((ulong)type << 56) ^ request);
        _trace.Add(length);
    }

    /// <summary>Closes the other end, after what is on its way there.</summary>
    private void CloseOther(VirtualNode node, VirtualEnd end, string why)
    {
        _network.Send(node.Index, end.Node.Index, 0, end.Outgoing, Now);
        Later(end.Node, end.Outgoing.LastArrival, () => CloseAt(end.Node, end.Id, new(FailureKind.Closed, why)));
    }

    private void CloseAt(VirtualNode node, long id, Failure failure)
    {
        node.Connections.Remove(id);
        On(node, () => node.Machine.Closed(Now, id, failure));
    }

    private void On(VirtualNode node, Action action)
    {
        action();
        Perform(node);
    }

    private TimeSpan Soon() => Now + _network.Latency();

    private void Later(VirtualNode node, TimeSpan at, Action action, bool evenIfDown = false, Action? orElse = null) =>
        _events.Enqueue(new(node, action, orElse, evenIfDown), (at, EventPhase.Network, _order++));

    private void Mix(VirtualNode node)
    {
        Decision decision = node.Machine.Decision;
        Decision done;
        using (decision.Payload)
        using (decision.Incoming?.Payload)
            done = node.Form.Mix(node.Model, decision);

        if (done.WasLimited)
        {
            node.Machine.CarriedOut(Now, done);
            Perform(node);
        }

        node.Then?.Invoke(done.ToResult(TimeSpan.Zero));
    }

    /// <summary>What will happen to a node, or to nobody in particular. At one that is down nothing happens, but for what must be done instead; at one that is frozen it waits.</summary>
    private readonly record struct Scheduled(VirtualNode? Node, Action Action, Action? OrElse = null, bool EvenIfDown = false);
}
