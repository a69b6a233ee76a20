using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport;

namespace Dpwa.Runtime;

/// <summary>Asks a node who it is, over its own protocol: what <c>dpwa check</c> does.</summary>
public static class NodePing
{
    /// <summary>Connects, asks and hangs up.</summary>
    /// <param name="transport">How to reach it.</param>
    /// <param name="node">Which node should be there.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="ct">Gives up; the connection is closed.</param>
    /// <exception cref="TransportException">Nobody is there, or not this node; the failure says which.</exception>
    public static Task<NodeGreeting> AskAsync(ITransport transport, DpwaNode node, DpwaOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(transport);

        // A thread of its own, because the transport may hold it; it runs synchronously on it then.
        return Task.Factory.StartNew(() => Ask(transport, node, options, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    private static async Task<NodeGreeting> Ask(ITransport transport, DpwaNode node, DpwaOptions options, CancellationToken ct)
    {
        using IConnection connection = await transport.ConnectAsync(node, ct).ConfigureAwait(false);
        using CancellationTokenRegistration hangUp = ct.Register(connection.Dispose);
        await connection.SendAsync(new Message(PingExchange.Question(node, options, transport.Identity ?? ""), null)).ConfigureAwait(false);
        Message answer = await connection.ReceiveAsync(new AnyAnswer(node)).ConfigureAwait(false);
        try
        {
            ReadOnlySpan<byte> body = answer.Body is null ? default : answer.Body.Segment(0).Span;
            Failure failure = PingExchange.Read(node, answer.Header, body, out NodeGreeting greeting);
            return failure.Kind == FailureKind.None ? greeting : throw new TransportException(failure);
        }
        finally
        {
            answer.Release();
        }
    }

    private sealed class AnyAnswer(DpwaNode node) : IMessageReceiver
    {
        public void Partial()
        {
        }

        public IncomingPayload? Admit(in MessageHeader header, out Failure failure)
        {
            failure = header.BodyLength <= PingExchange.MaxName ? default : new(FailureKind.Protocol, $"{node} answered a ping with {header.BodyLength:N0} bytes");
            return failure.Kind == FailureKind.None ? ReceiveBuffers.Small((long)header.BodyLength) : null;
        }
    }
}
