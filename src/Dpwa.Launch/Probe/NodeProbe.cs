using System.Net;
using System.Net.Sockets;
using Dpwa.Exchange;
using Dpwa.Runtime;
using Dpwa.Transport;

namespace Dpwa.Launch.Probe;

/// <summary>Asks over the node's own protocol, so that it tells who is there, and not only that somebody is.</summary>
/// <param name="transport">How nodes are reached.</param>
/// <param name="options">The cluster.</param>
/// <param name="timeout">How long one may take to answer, the connection included.</param>
/// <param name="time">The clock of that.</param>
public sealed class NodeProbe(ITransport transport, DpwaOptions options, TimeSpan timeout, TimeProvider time) : INodeProbe
{
    /// <inheritdoc/>
    public async Task<ProbeResult> ProbeAsync(DpwaNode node, IPEndPoint endpoint, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(endpoint);
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            var there = node with { Host = endpoint.Address.ToString(), Port = endpoint.Port };
            return new(ProbeOutcome.Running) { Greeting = await NodePing.AskAsync(transport, there, options, either.Token).ConfigureAwait(false) };
        }
        catch (TransportException e)
        {
            ct.ThrowIfCancellationRequested();
            return Judge(e, late.IsCancellationRequested);
        }
    }

    private static ProbeResult Judge(TransportException e, bool isLate) => (e.Failure.Kind, e.InnerException) switch
    {
        (FailureKind.Unreachable, OperationCanceledException or SocketException { SocketErrorCode: SocketError.TimedOut }) => new(ProbeOutcome.TimedOut),
        (FailureKind.Unreachable, SocketException { SocketErrorCode: SocketError.ConnectionRefused }) => new(ProbeOutcome.Refused),
        (FailureKind.Unreachable, _) => new(ProbeOutcome.Unreachable) { Failure = e.Failure },
        // It was we who hung up, because there was no answer.
        (FailureKind.Closed, _) when isLate => new(ProbeOutcome.Silent),
        _ => new(ProbeOutcome.Stranger) { Failure = e.Failure },
    };
}
