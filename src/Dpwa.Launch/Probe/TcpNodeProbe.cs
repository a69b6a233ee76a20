using System.Net;
using System.Net.Sockets;

namespace Dpwa.Launch.Probe;

/// <summary>Connects and hangs up: it tells that somebody listens, not who.</summary>
/// <param name="timeout">How long a connection may take.</param>
/// <param name="time">The clock of that.</param>
public sealed class TcpNodeProbe(TimeSpan timeout, TimeProvider time) : INodeProbe
{
    /// <inheritdoc/>
    public async Task<ProbeResult> ProbeAsync(DpwaNode node, IPEndPoint endpoint, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            await socket.ConnectAsync(endpoint, either.Token).ConfigureAwait(false);
            return new(ProbeOutcome.Listening);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(ProbeOutcome.TimedOut);
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => new(ProbeOutcome.Refused),
                SocketError.TimedOut => new(ProbeOutcome.TimedOut),
                _ => new(ProbeOutcome.Unreachable, e.Message),
            };
        }
    }
}
