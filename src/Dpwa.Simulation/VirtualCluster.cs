using Dpwa.Averaging;
using Dpwa.Exchange;
using Dpwa.Forms;
using Dpwa.Peers;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Simulation;

/// <summary>
/// A cluster of production state machines (<see cref="GossipNode"/>) on virtual time and a virtual network, in one thread. What happens depends on the
/// seed alone. A body is copied once, into memory of the receiver, as a network does: who has fetched and not yet mixed holds nothing of its peer.
/// </summary>
public sealed class VirtualCluster
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly TimeSpan _latency;
    private readonly Membership _members;
    private readonly DpwaOptions _options;
    private readonly int _seed;
    private readonly VirtualNode[] _nodes;
    private long _order;
    private ulong _lives;

    /// <summary>A cluster of the nodes that the options name, all of them up.</summary>
    /// <param name="options">The options of every node.</param>
    /// <param name="layout">The model of every node.</param>
    /// <param name="seed">The source of all chance.</param>
    /// <param name="latency">The time a message takes, constant so that none overtakes another; null: 1 ms.</param>
    /// <exception cref="DpwaConfigurationException">The options do not go with this model.</exception>
    public VirtualCluster(DpwaOptions options, ParameterLayout layout, int seed, TimeSpan? latency = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _members = new Membership(options.Nodes);
        _seed = seed;
        _latency = latency ?? TimeSpan.FromMilliseconds(1);
        _nodes = [.. options.Nodes.Select((node, index) => NewNode(index, node.Name, layout))];
    }

    /// <summary>The virtual time.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Decides the fate of each message; null delivers all.</summary>
    public Func<MessageHeader, Delivery>? OnMessage { get; set; }

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
        Snapshot? snapshot = node.Machine.ExchangesNext ? node.Store.TryWrite() : null;
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
    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, (Now + delay, _order++));

    /// <summary>Runs the next event. Gives whether there was one.</summary>
    public bool RunNext()
    {
        if (!_events.TryDequeue(out Action? next, out (TimeSpan At, long Order) key))
            return false;
        Now = key.At;
        next();
        return true;
    }

    /// <summary>Runs what happens within a time.</summary>
    public void Run(TimeSpan duration)
    {
        TimeSpan end = Now + duration;
        while (_events.TryPeek(out _, out (TimeSpan At, long Order) key) && key.At <= end)
            RunNext();
        Now = end;
    }

    /// <summary>Ends a node as kill −9 does: its connections close, and nothing of it happens any more.</summary>
    public void Kill(int index)
    {
        VirtualNode node = _nodes[index];
        node.IsDown = true;
        foreach ((long id, (VirtualNode other, long otherId)) in node.Connections.ToArray())
        {
            node.Connections.Remove(id);
            Later(other, () => CloseAt(other, otherId, new(FailureKind.Closed, "the connection was reset")));
        }

        // With a process its memory goes, and the leases in it.
        node.Machine.Close(Now);
        foreach (Effect effect in node.Machine.Effects)
            effect.Message.Release();
        node.Machine.Effects.Clear();
        while (node.Waiting.TryDequeue(out (Action Action, Action? OrElse) waiting))
            waiting.OrElse?.Invoke();
    }

    /// <summary>Starts a node again, with a new life and its model as it was.</summary>
    public void Restart(int index)
    {
        VirtualNode old = _nodes[index];
        if (!old.IsDown)
            Kill(index);
        _nodes[index] = NewNode(index, _members.Nodes[index].Name, old.Model.Layout);
        old.Model.CopyTo(_nodes[index].Model);
    }

    /// <summary>Stops a node as SIGSTOP does, or lets it go on: what is for it waits.</summary>
    public void Freeze(int index, bool frozen)
    {
        VirtualNode node = _nodes[index];
        node.IsFrozen = frozen;
        while (!node.IsFrozen && node.Waiting.TryDequeue(out (Action Action, Action? OrElse) waiting))
            waiting.Action();
    }

    /// <summary>A node leaves properly, with a goodbye.</summary>
    public void Leave(int index)
    {
        VirtualNode node = _nodes[index];
        node.Machine.Close(Now);
        Perform(node);
        node.IsDown = true;
    }

    private VirtualNode NewNode(int index, string name, ParameterLayout layout)
    {
        ulong life = ++_lives;
        ModelForm form = ModelForm.Create(layout, _options);
        var machine = new GossipNode(name, _options, _members, new Random(HashCode(index, life)), life) { Layout = form.Published };
        return new VirtualNode(machine, new VirtualModel(layout), form, new SnapshotStore(form.Published));
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
                case EffectKind.Close when node.Connections.Remove(effect.Connection, out (VirtualNode Node, long Id) other):
                    Later(other.Node, () => CloseAt(other.Node, other.Id, new(FailureKind.Closed, "the peer closed the connection")));
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
        if (decided)
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
        node.Machine.Tick(Now);
        Perform(node);
    }

    private void Connect(VirtualNode from, long id, VirtualNode to)
    {
        Later(to, () =>
        {
            long accepted = to.IsDown ? 0 : to.Machine.Accepted(Now);
            if (accepted == 0)
            {
                Later(from, () => CloseAt(from, id, new(FailureKind.Unreachable, "nothing listens there")));
                return;
            }

            to.Connections[accepted] = (from, id);
            from.Connections[id] = (to, accepted);
            Perform(to);
            Later(from, () => On(from, () => from.Machine.Connected(Now, id)));
        }, dropIfDown: false);
    }

    private void Send(VirtualNode from, long id, Message message)
    {
        bool isOpen = from.Connections.TryGetValue(id, out (VirtualNode Node, long Id) to);
        if (!isOpen || OnMessage?.Invoke(message.Header) == Delivery.Drop)
        {
            message.Release();
            if (isOpen)
                Later(from, () => On(from, () => from.Machine.Sent(Now, id)));
            return;
        }

        Later(to.Node, () =>
        {
            if (message.Body is not null && to.Node.Machine.Admit(to.Id, message.Header) is { Kind: not FailureKind.None } refused)
            {
                message.Release();
                On(to.Node, () => to.Node.Machine.Closed(Now, to.Id, refused, abort: true));
                return;
            }

            IPayload? body = message.Body is null ? null : to.Node.Buffers.Receive(message.Header, message.Body);
            On(to.Node, () => to.Node.Machine.Received(Now, to.Id, message.Header, body));
            Later(from, () => On(from, () => from.Machine.Sent(Now, id)));
        }, orElse: message.Release);
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

    private void Later(VirtualNode node, Action action, bool dropIfDown = true, Action? orElse = null) => After(_latency, () =>
    {
        if (node.IsDown && dropIfDown)
            orElse?.Invoke();
        else if (node.IsFrozen)
            node.Waiting.Enqueue((action, orElse));
        else
            action();
    });

    private void Mix(VirtualNode node)
    {
        Decision decision = node.Machine.Decision;
        using (decision.Payload)
            node.Form.Mix(node.Model, decision);

        using (decision.Incoming?.Payload)
        {
            if (decision.Incoming is { } incoming)
                node.Form.Mix(node.Model, incoming.ToDecision());
        }

        node.Then?.Invoke(decision.ToResult(TimeSpan.Zero));
    }

    private sealed class VirtualNode(GossipNode machine, VirtualModel model, ModelForm form, SnapshotStore store)
    {
        public GossipNode Machine => machine;
        public VirtualModel Model => model;
        public ModelForm Form => form;
        public SnapshotStore Store => store;
        public Dictionary<long, (VirtualNode Node, long Id)> Connections { get; } = [];
        public ReceivedBodies Buffers { get; } = new();
        public Queue<(Action Action, Action? OrElse)> Waiting { get; } = new();
        public Action<UpdateResult>? Then { get; set; }
        public TimeSpan? TickDue { get; set; }
        public bool IsDown { get; set; }
        public bool IsFrozen { get; set; }
    }
}

/// <summary>The fate of a message.</summary>
public enum Delivery
{
    /// <summary>It arrives.</summary>
    Deliver,

    /// <summary>It is lost; the connection stays.</summary>
    Drop,
}
