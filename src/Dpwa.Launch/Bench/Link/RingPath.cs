using System.Net;
using System.Net.Sockets;

namespace Dpwa.Launch.Bench.Link;

/// <summary>The way to the next worker of a ring.</summary>
internal sealed class RingPath(DpwaNode to, RingHello own, TimeSpan patience)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);

    /// <summary>Connects, again and again until it answers or <paramref name="late"/> is cancelled.</summary>
    /// <exception cref="BenchException">It did not answer, or measures something else.</exception>
    public Socket Connect(string kind, CancellationToken late)
    {
        while (true)
        {
            if (TryConnect(kind, late) is { } socket) return socket;
            if (late.WaitHandle.WaitOne(Retry))
                throw new BenchException($"{to.Name} at {to.Host}:{to.Port} has not answered for {patience.TotalSeconds:0.#} seconds: is 'dpwa bench exchange' running there, with the same configuration?");
        }
    }

    private Socket? TryConnect(string kind, CancellationToken late)
    {
        Socket? socket = null;
        try
        {
            var address = HostAddress.Of(to.Host);
            socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var hurry = late.Register(socket.Dispose);
            socket.Connect(new IPEndPoint(address, to.Port));
            (own with { Kind = kind }).Send(socket);
            // It answers once it listens, which a relay before it does not wait for.
            var answer = RingHello.Receive(socket);
            if (answer is { Kind: RingHello.Other }) throw own.Disagreement(answer);
            if (answer is { Kind: RingHello.Welcome }) return socket;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not there yet.
        }

        socket?.Dispose();
        return null;
    }
}
