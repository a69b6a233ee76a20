using System.Net;
using System.Net.Sockets;

namespace Dpwa.Launch.Bench.Link;

/// <summary>A slow link in user space: listens on a port of this machine and passes everything on to one address, each direction through a <see cref="TokenBucket"/>
/// that all its connections share, as they would share a network card.</summary>
public sealed class RateLimitedRelay : IAsyncDisposable
{
    private const int Piece = 16 * 1024;

    // A timer is late by a millisecond or more: what it missed meanwhile may pass, and a shorter wait is not worth one.
    private static readonly TimeSpan LateTimer = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _end = new();
    private readonly EndPoint _target;
    private readonly TimeProvider _time;
    private readonly TokenBucket _in;
    private readonly TokenBucket _out;
    private readonly Task _accepting;

    /// <summary>Begins to listen, on a free port of the loopback address.</summary>
    /// <param name="target">Where connections lead to.</param>
    /// <param name="bitsPerSecond">What passes in each direction.</param>
    /// <param name="time">The clock.</param>
    public RateLimitedRelay(EndPoint target, double bitsPerSecond, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(time);
        (_target, _time) = (target, time);
        var rate = bitsPerSecond / 8;
        var burst = Math.Max(Piece, rate * LateTimer.TotalSeconds);
        (_in, _out) = (new(rate, burst, time), new(rate, burst, time));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(ServeAsync(await _listener.AcceptAsync(_end.Token).ConfigureAwait(false)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open).ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                (client.NoDelay, server.NoDelay) = (true, true);
                await server.ConnectAsync(_target, _end.Token).ConfigureAwait(false);
                await Task.WhenAll(PassAsync(client, server, _in), PassAsync(server, client, _out)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The other side is gone: the connection ends, as it would without us.
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, TokenBucket bucket)
    {
        var buffer = new byte[Piece];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token).ConfigureAwait(false) is > 0 and var count)
            {
                var wait = bucket.Take(count);
                if (wait >= Shortest) await Task.Delay(wait, _time, _end.Token).ConfigureAwait(false);
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token).ConfigureAwait(false);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // One direction broke: so does the other, which may be waiting for something to come.
            from.Dispose();
            to.Dispose();
            throw;
        }
    }
}
