using Dpwa.Exchange;
using Dpwa.Protocol;
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
        return OneQuestion.Run(() => Ask(transport, node, options, ct), ct);
    }

    private static async Task<NodeGreeting> Ask(ITransport transport, DpwaNode node, DpwaOptions options, CancellationToken ct)
    {
        using IConnection connection = await transport.ConnectAsync(node, ct).ConfigureAwait(false);
        return await new OneQuestion(node, Admit).AskAsync(connection, PingExchange.Question(node, options, transport.Identity ?? ""), Read, ct).ConfigureAwait(false);

        NodeGreeting Read(in MessageHeader header, ReadOnlySpan<byte> body)
        {
            Failure failure = PingExchange.Read(node, header, body, out NodeGreeting greeting);
            return failure.Kind == FailureKind.None ? greeting : throw new TransportException(failure);
        }
    }

    private static Failure Admit(DpwaNode node, in MessageHeader header) =>
        header.BodyLength <= PingExchange.MaxName ? default : new(FailureKind.Protocol, $"{node} answered a ping with {header.BodyLength:N0} bytes");
}
