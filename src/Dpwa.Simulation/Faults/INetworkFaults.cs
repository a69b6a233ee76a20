using Dpwa.Protocol;

namespace Dpwa.Simulation.Faults;

/// <summary>
/// Decides what goes wrong between nodes. A cluster that has one sends every message as the bytes that a socket would carry, through the production encoder and decoder
/// (<see cref="Dpwa.Transport.FramedConnection"/>), so that a fault can be put at any byte.
/// </summary>
public interface INetworkFaults
{
    /// <summary>What becomes of an attempt to connect.</summary>
    /// <param name="now">The virtual time.</param>
    /// <param name="from">Who connects.</param>
    /// <param name="to">To whom.</param>
    ConnectFate OnConnect(TimeSpan now, int from, int to);

    /// <summary>What becomes of a message.</summary>
    /// <param name="now">The virtual time.</param>
    /// <param name="from">Who sends.</param>
    /// <param name="to">To whom.</param>
    /// <param name="header">What.</param>
    FrameFate OnFrame(TimeSpan now, int from, int to, in MessageHeader header);
}

/// <summary>How an attempt to connect ends.</summary>
public enum ConnectOutcome
{
    /// <summary>The connection is open.</summary>
    Open,

    /// <summary>It is refused.</summary>
    Refused,

    /// <summary>Nobody answers: only a time-out tells.</summary>
    Unanswered,

    /// <summary>The listener accepts, and the connection is reset before who connects has heard of it.</summary>
    Reset,
}

/// <summary>What becomes of an attempt to connect.</summary>
/// <param name="Outcome">How it ends.</param>
/// <param name="Delay">How much longer than the latency it takes.</param>
public readonly record struct ConnectFate(ConnectOutcome Outcome, TimeSpan Delay);

/// <summary>What becomes of the bytes of one message. The default: they arrive.</summary>
public readonly record struct FrameFate
{
    /// <summary>How much later than otherwise the first byte arrives. What follows on the connection waits behind it; other connections overtake.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How many bytes go at a time; 0: header, body and checksum each at once. The sender reads what is to be sent only when the piece before has arrived.</summary>
    public int PieceBytes { get; init; }

    /// <summary>The time between one piece and the next, beside the latency.</summary>
    public TimeSpan PieceDelay { get; init; }

    /// <summary>The connection breaks after so many bytes of the frame: 0 before the header, 128 behind it, the frame's length after the last byte arrived and before the sender is told so.
    /// Null: it does not.</summary>
    public long? CutAt { get; init; }

    /// <summary>This bit of the frame, from 0, arrives inverted. Null: none.</summary>
    public long? FlippedBit { get; init; }

    /// <summary>From the first byte on nothing arrives on this connection in this direction any more, and nothing says so, as behind a firewall that has forgotten it.</summary>
    public bool IsSilent { get; init; }

    /// <summary>The message is lost and the next ones are not. No stream of bytes does that; a peer that is wrong may.</summary>
    public bool IsLost { get; init; }

    /// <summary>The message comes twice, one behind the other. No stream of bytes does that either.</summary>
    public bool IsDoubled { get; init; }
}
