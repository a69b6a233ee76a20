using System.Runtime.ExceptionServices;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Simulation.Faults;
using Dpwa.Simulation.Frames;
using Dpwa.Snapshots;

namespace Dpwa.Simulation;

/// <content>Messages as bytes, so that faults can act on bytes: what <see cref="FramePump"/> asks of the simulation around it.</content>
public sealed partial class VirtualCluster
{
    private ExceptionDispatchInfo? _broken;

    /// <summary>What goes wrong between nodes. Null, the default: nothing but what the settings of the network say, and messages are not encoded. Set it before anything happens.</summary>
    public INetworkFaults? Faults { get; set; }

    /// <summary>Leases at a node that is up: on snapshots of its own, which readers or exchanges hold, and on memory that bodies arrive in, or have and are not mixed yet. 0 when nothing is under way.</summary>
    public int Leases(int index) => _nodes[index].Leases;

    /// <summary>Connections that a node that is up has open.</summary>
    public int Connections(int index) => _nodes[index].Connections.Count;

    internal FrameFate FateOf(FramePump pump, in MessageHeader header)
    {
        (int from, int to) = (pump.Node.Index, pump.Other.Node.Index);
        CountSent(header);
        FrameFate fate = Faults!.OnFrame(Now, from, to, header);
        if (_network.HasFailed(from, to, Now))
            return fate with { CutAt = 0 };
        return OnMessage?.Invoke(header) == Delivery.Drop || _network.Loses() ? fate with { IsLost = true }
            : _network.IsSeparated(from, to, Now) ? fate with { IsSilent = true }
            : fate;
    }

    /// <summary>Has some bytes arrive at the other end in their time, and tells the sender then. What a process has given to send goes its way even when it ends.</summary>
    internal void Carry(FramePump pump, byte[] piece, int count, TimeSpan delay)
    {
        pump.Outgoing.Hold(Now + delay);
        _network.Send(pump.Node.Index, pump.Other.Node.Index, piece.Length, pump.Outgoing, Now);
        TimeSpan at = pump.Outgoing.LastArrival;
        if (piece.Length > 0 && !pump.IsSilent)
            Later(pump.Other.Node, at, () => On(pump.Other.Node, () => pump.Other.Arrive(piece)));
        Later(pump.Node, at, () => On(pump.Node, () => pump.PieceArrived(count)), evenIfDown: true);
    }

    /// <summary>Has the other end see the end of the stream, behind what is on its way.</summary>
    internal void CarryEnd(FramePump pump)
    {
        _network.Send(pump.Node.Index, pump.Other.Node.Index, 0, pump.Outgoing, Now);
        Later(pump.Other.Node, pump.Outgoing.LastArrival, () => On(pump.Other.Node, pump.Other.ArriveEnd));
    }

    internal void Partial(FramePump pump)
    {
        Progress(pump);
        pump.Node.Machine.Partial(Now, pump.Id);
    }

    internal IncomingPayload? Admit(FramePump pump, in MessageHeader header, out Failure failure)
    {
        failure = pump.Node.Machine.Admit(Now, pump.Id, header);
        return failure.Kind == FailureKind.None ? pump.Node.Rent(header) : null;
    }

    internal void Received(FramePump pump, in Message message)
    {
        Trace(pump.Other.Node, pump.Node, (byte)message.Header.Type, message.Header.Request, message.Header.BodyLength);
        Progress(pump);
        pump.Node.Machine.Received(Now, pump.Id, message.Header, message.Body);
        Perform(pump.Node);
    }

    internal void Sent(FramePump pump)
    {
        Progress(pump);
        pump.Node.Machine.Sent(Now, pump.Id);
        Perform(pump.Node);
    }

    internal void Closed(FramePump pump, in Failure failure)
    {
        Progress(pump);
        CloseAt(pump.Node, pump.Id, failure);
    }

    /// <summary>Something threw that never should: the simulation ends with it, and not a connection.</summary>
    internal void Broke(Exception exception) => _broken ??= ExceptionDispatchInfo.Capture(exception);

    private static void Progress(FramePump pump) => pump.Node.Machine.Progress(pump.Id, pump.Received, pump.Sent);

    /// <summary>Both ends of a new connection carry bytes from now on. Each end names the node and the id at the other one.</summary>
    private void CarryFrames(VirtualEnd asker, VirtualEnd server)
    {
        asker.Pump = new FramePump(this, server.Node, server.Id, asker, NameOf(asker));
        server.Pump = new FramePump(this, asker.Node, asker.Id, server, NameOf(server));
        asker.Pump.Start(server.Pump);
        server.Pump.Start(asker.Pump);
    }

    private string NameOf(VirtualEnd end) => _members.Nodes[end.Node.Index].Name;
}
