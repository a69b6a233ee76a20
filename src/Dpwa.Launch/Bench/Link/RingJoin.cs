using System.Net;
using System.Net.Sockets;

namespace Dpwa.Launch.Bench.Link;

/// <summary>Joins the ring: listens at the node's own address, which the node itself needs only afterwards, for the worker before this one, and connects to the one after it.</summary>
internal sealed class RingJoin(DpwaOptions options, string name, string settings, TimeSpan patience)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);
    private const int HelloMilliseconds = 10_000;

    /// <exception cref="BenchException">Another worker did not come, or measures something else.</exception>
    public async Task<Ring> RunAsync()
    {
        var nodes = options.Nodes;
        var place = nodes.TakeWhile(node => node.Name != name).Count();
        var (before, after) = (nodes[(place + nodes.Count - 1) % nodes.Count], nodes[(place + 1) % nodes.Count]);
        using var late = new CancellationTokenSource(patience);
        using var listener = Listen(nodes[place]);
        // On whichever of the two something goes wrong, the other one has nothing to wait for, and nothing to say.
        BenchException? first = null;
        var connecting = Run(() => new RingNeighbour(after.Name, Connect(after, RingHello.Control, late.Token), Connect(after, RingHello.Raw, late.Token)));
        var accepting = Run(() => Accept(listener, before, late.Token));
        await ((Task)Task.WhenAll(connecting, accepting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first is not null) throw first;
        return new(await accepting.ConfigureAwait(false), await connecting.ConfigureAwait(false), isFirst: place == 0);

        Task<RingNeighbour> Run(Func<RingNeighbour> part) => Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return part();
                }
                catch (BenchException e)
                {
                    Interlocked.CompareExchange(ref first, e, null);
                    late.Cancel();
                    throw;
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static Socket Listen(DpwaNode self)
    {
        var host = self.Listen ?? self.Host;
        var address = IPAddress.TryParse(host, out var literal) ? literal : Resolve(host)[0];
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

    private Socket Connect(DpwaNode to, string kind, CancellationToken late)
    {
        while (true)
        {
            if (TryConnect(to, kind, late) is { } socket) return socket;
            if (late.WaitHandle.WaitOne(Retry))
                throw new BenchException($"{to.Name} at {to.Host}:{to.Port} has not answered for {patience.TotalSeconds:0.#} seconds: is 'dpwa bench exchange' running there, with the same configuration?");
        }
    }

    private Socket? TryConnect(DpwaNode to, string kind, CancellationToken late)
    {
        Socket? socket = null;
        try
        {
            var address = IPAddress.TryParse(to.Host, out var literal) ? literal : Resolve(to.Host)[0];
            socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var hurry = late.Register(socket.Dispose);
            socket.Connect(new IPEndPoint(address, to.Port));
            new RingHello(kind, name, settings).Send(socket);
            // It answers once it listens, which a relay before it does not wait for.
            var answer = RingHello.Receive(socket);
            if (answer is { Kind: RingHello.Other }) throw OtherSettings(answer);
            if (answer is { Kind: RingHello.Welcome }) return socket;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not there yet.
        }

        socket?.Dispose();
        return null;
    }

    private RingNeighbour Accept(Socket listener, DpwaNode before, CancellationToken late)
    {
        using var hurry = late.Register(listener.Dispose);
        Socket? control = null, raw = null;
        while (control is null || raw is null)
        {
            try
            {
                var client = listener.Accept();
                client.NoDelay = true;
                switch (Greet(client, before))
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

    // Anybody may connect to a port: who is not the one expected is sent away.
    private string? Greet(Socket client, DpwaNode before)
    {
        client.ReceiveTimeout = HelloMilliseconds;
        var hello = RingHello.Receive(client);
        if (hello is null || hello.Name != before.Name || hello.Kind is not (RingHello.Control or RingHello.Raw)) return null;
        var isSame = hello.Settings == settings;
        new RingHello(isSame ? RingHello.Welcome : RingHello.Other, name, settings).Send(client);
        if (!isSame) throw OtherSettings(hello);
        client.ReceiveTimeout = 0;
        return hello.Kind;
    }

    private BenchException OtherSettings(RingHello hello) => new($"{hello.Name} measures something else: {hello.Settings} there, {settings} here. Give all machines the same options.");

    private static IPAddress[] Resolve(string host) =>
        [.. Dns.GetHostAddresses(host).OrderBy(address => address.AddressFamily is AddressFamily.InterNetwork ? 0 : 1).DefaultIfEmpty(IPAddress.None)];
}
