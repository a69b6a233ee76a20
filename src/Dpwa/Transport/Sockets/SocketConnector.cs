using System.Net;
using System.Net.Sockets;
using Dpwa.Exchange;

namespace Dpwa.Transport.Sockets;

/// <summary>Resolves names and connects, on the calling thread; IPv4 and IPv6.</summary>
internal static class SocketConnector
{
    private static readonly TimeSpan OneOfSeveral = TimeSpan.FromMilliseconds(500);

    /// <summary>A socket that is connected to a node.</summary>
    /// <exception cref="TransportException">It cannot be reached, or the attempt was cancelled.</exception>
    public static Socket Connect(DpwaNode node, CancellationToken cancellationToken)
    {
        try
        {
            IPAddress[] addresses = IPAddress.TryParse(node.Host, out IPAddress? literal) ? [literal] : InOrder(LookUp(node.Host, cancellationToken));
            foreach (IPAddress address in addresses[..^1])
            {
                if (TryConnect(node, address, cancellationToken) is { } socket)
                    return socket;
            }

            return Connect(node, addresses[^1], cancellationToken);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            string why = e is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "nothing listens there" : e.Message;
            throw new TransportException(new(FailureKind.Unreachable, $"{node} cannot be reached: {why}"), e);
        }
    }

    /// <summary>The addresses of a name. IPv4 first, for who listens and who connects: it is what a name such as localhost means to most programs.</summary>
    public static IPAddress[] InOrder(IPAddress[] addresses) => addresses.Length > 0
        ? [.. addresses.OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)]
        : throw new SocketException((int)SocketError.HostNotFound);

    /// <summary>On this thread, which is the connection's own. Waited for from outside, because on Unix a lookup that has begun cannot be cancelled.</summary>
    private static IPAddress[] LookUp(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(cancellationToken).GetAwaiter().GetResult();

    /// <summary>One of several addresses: given up soon, for the next may be the right one.</summary>
    private static Socket? TryConnect(DpwaNode node, IPAddress address, CancellationToken cancellationToken)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        soon.CancelAfter(OneOfSeveral);
        try
        {
            return Connect(node, address, soon.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static Socket Connect(DpwaNode node, IPAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using CancellationTokenRegistration giveUp = cancellationToken.Register(socket.Dispose);
            socket.Connect(new IPEndPoint(address, node.Port));
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (e is ObjectDisposedException)
                throw new OperationCanceledException(cancellationToken);
            throw;
        }
    }
}
