using System.Net;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Transport;

/// <summary>
/// Carries messages between nodes, and nothing more: what to send, when to give up and whom to ask next is decided above, once for all transports.
/// </summary>
public interface ITransport
{
    /// <summary>Whether connecting, sending and receiving hold the calling thread instead of completing later. Each connection is then run on a thread of its own.</summary>
    bool HoldsThreads => false;

    /// <summary>The name that this transport proves to others, and in which all messages must then be sent; null: it proves none.</summary>
    string? Identity => null;

    /// <summary>Listens for others at a node's address.</summary>
    /// <exception cref="DpwaBindException">The address is taken or is not one of this machine.</exception>
    IListener Listen(DpwaNode node);

    /// <summary>Connects to a node. Disposing the operation's connection attempt is done by cancelling.</summary>
    /// <exception cref="TransportException">It cannot be reached; the failure says why.</exception>
    ValueTask<IConnection> ConnectAsync(DpwaNode node, CancellationToken cancellationToken);
}

/// <summary>Accepts connections.</summary>
public interface IListener : IDisposable
{
    /// <summary>Where it listens; the port is the one bound when the node's was 0.</summary>
    EndPoint EndPoint { get; }

    /// <summary>The next connection, or null once the listener is disposed.</summary>
    ValueTask<IConnection?> AcceptAsync();
}

/// <summary>
/// A connection. One caller sends and one receives at a time. <see cref="IDisposable.Dispose"/> may be called at any time from any thread; what is
/// under way then ends with a <see cref="TransportException"/>.
/// </summary>
public interface IConnection : IDisposable
{
    /// <summary>The other side, in words.</summary>
    string Remote { get; }

    /// <summary>Whether the other side seems to be on this host. It need not be proven.</summary>
    bool IsSameHost => false;

    /// <summary>Bytes received so far; read from any thread.</summary>
    long Received { get; }

    /// <summary>Bytes sent so far; where the transport can tell, those of them that have arrived, and then perhaps one more for the connection itself. It never falls. Read from any thread.</summary>
    long Sent { get; }

    /// <summary>Of a connection that was accepted: whether the other side has sent as much as the shortest message has. Waits until it has, or until the connection has ended; no thread is held for it. Called once, before
    /// anything is received.</summary>
    ValueTask<bool> FirstBytesAsync() => new(true);

    /// <summary>Makes a connection that was accepted ready: a handshake, where the transport has one. Called once, before the first receive, and outside of the accepting loop, since
    /// the other side may take its time.</summary>
    /// <exception cref="TransportException">The connection ended, or the other side is not let in.</exception>
    ValueTask OpenAsync() => default;

    /// <summary>Sends a message and, whatever happens, disposes its body.</summary>
    /// <exception cref="TransportException">The connection ended.</exception>
    ValueTask SendAsync(Message message);

    /// <summary>Nothing more is sent. The other side receives all that was, and then the end of the stream.</summary>
    void FinishSending();

    /// <summary>Receives a message; its body has passed its checks and is the caller's to dispose.</summary>
    /// <exception cref="TransportException">The connection ended, or what came is not a message that <paramref name="receiver"/> admits.</exception>
    ValueTask<Message> ReceiveAsync(IMessageReceiver receiver);
}

/// <summary>Decides about messages while they arrive.</summary>
public interface IMessageReceiver
{
    /// <summary>Some bytes of a header are there, but not all.</summary>
    void Partial();

    /// <summary>A header with a body came: memory for the body, or the failure for which the connection is ended. Called before any byte of the body is read.</summary>
    IncomingPayload? Admit(in MessageHeader header, out Failure failure);
}

/// <summary>A connection ended, or could not be made.</summary>
public sealed class TransportException : Exception
{
    /// <summary>An exception for this failure.</summary>
    public TransportException(Failure failure, Exception? inner = null)
        : base(failure.Text, inner) => Failure = failure;

    /// <summary>What happened.</summary>
    public Failure Failure { get; }
}
