using System.Net;
using System.Net.Sockets;

namespace Dpwa.Launch.Bench.Link;

/// <summary>Where the worker before this one in a ring comes in. Listens from the beginning.</summary>
/// <exception cref="BenchException">The address cannot be listened at.</exception>
internal sealed class RingDoor(DpwaNode self, DpwaNode before, RingHello own, TimeSpan patience) : IDisposable
{
    private const int HelloMilliseconds = 10_000;

    private readonly Socket _listener = Listen(self);

    /// <summary>Waits for both connections of the one that is expected, until <paramref name="late"/> is cancelled.</summary>
    /// <exception cref="BenchException">It did not come, or measures something else.</exception>
    public RingNeighbour Accept(CancellationToken late)
    {
        using var hurry = late.Register(_listener.Dispose);
        Socket? control = null, raw = null;
        while (control is null || raw is null)
        {
            try
            {
                var client = _listener.Accept();
                client.NoDelay = true;
                switch (Greet(client))
                {
                    case RingHello.Control: control = client; break;
                    case RingHello.Raw: raw = client; break;
                    default: client.Dispose(); break;
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (late.IsCancellationRequested) throw new BenchException($"{before.Name} has not come within {patience.TotalSeconds:0.#} seconds: is 'dpwa bench exchange' running on its machine, with the same configuration?", e);
            }
        }

        return new(before.Name, control, raw);
    }

    public void Dispose() => _listener.Dispose();

    // Anybody may connect to a port: who is not the one expected is sent away.
    private string? Greet(Socket client)
    {
        client.ReceiveTimeout = HelloMilliseconds;
        var hello = RingHello.Receive(client);
        if (hello is null || hello.Name != before.Name || hello.Kind is not (RingHello.Control or RingHello.Raw)) return null;
        var isSame = hello.Settings == own.Settings;
        (own with { Kind = isSame ? RingHello.Welcome : RingHello.Other }).Send(client);
        if (!isSame) throw own.Disagreement(hello);
        client.ReceiveTimeout = 0;
        return hello.Kind;
    }

    private static Socket Listen(DpwaNode self)
    {
        var host = self.Listen ?? self.Host;
        var address = HostAddress.Of(host);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, self.Port));
            socket.Listen();
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new BenchException($"{self.Name} cannot listen at {host}:{self.Port}: {e.Message}", e);
        }
    }
}
