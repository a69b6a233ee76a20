using System.Net;
using System.Net.Sockets;
using Dpwa.Cli.Tests.Support;
using Dpwa.Launch.Bench.Link;
using Microsoft.Extensions.Time.Testing;

namespace Dpwa.Cli.Tests.Bench;

public sealed class LinkTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_full_bucket_lets_a_burst_pass_and_then_the_rate()
    {
        var bucket = new TokenBucket(bytesPerSecond: 1000, burst: 200, _time);

        Assert.Equal(TimeSpan.Zero, bucket.Take(200));
        Assert.Equal(TimeSpan.FromMilliseconds(100), bucket.Take(100));
        // Nobody waited: what is owed adds up.
        Assert.Equal(TimeSpan.FromMilliseconds(400), bucket.Take(300));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(TimeSpan.FromMilliseconds(200), bucket.Take(50));
    }

    [Fact]
    public void A_pause_earns_no_more_than_a_burst()
    {
        var bucket = new TokenBucket(bytesPerSecond: 1000, burst: 200, _time);
        bucket.Take(200);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(TimeSpan.Zero, bucket.Take(200));
        Assert.Equal(TimeSpan.FromMilliseconds(1), bucket.Take(1));
    }

    [Fact]
    public void Whoever_waits_as_told_gets_exactly_the_rate()
    {
        var bucket = new TokenBucket(bytesPerSecond: 125e6, burst: 0, _time);
        var start = _time.GetTimestamp();

        // Also one whose timer is late now and then.
        for (var i = 0; i < 1000; i++) _time.Advance(bucket.Take(16 * 1024));

        Assert.Equal(1000 * 16 * 1024 / 125e6, _time.GetElapsedTime(start).TotalSeconds, tolerance: 1e-3);
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_relay_holds_back_what_is_more_than_its_rate()
    {
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        await using var relay = new RateLimitedRelay(target.LocalEndpoint, bitsPerSecond: 8 * 16 * 1024, _time);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, relay.Port);
        using var server = await target.AcceptTcpClientAsync();

        // The bucket holds one piece; the second takes a second of a clock that only we move.
        await client.GetStream().WriteAsync(new byte[16 * 1024]);
        await server.GetStream().ReadExactlyAsync(new byte[16 * 1024]);
        await client.GetStream().WriteAsync(Enumerable.Repeat((byte)7, 16 * 1024).ToArray());
        var rest = new byte[16 * 1024];
        var reading = server.GetStream().ReadExactlyAsync(rest).AsTask();
        await server.GetStream().WriteAsync(new byte[] { 9 });
        Assert.Equal(9, client.GetStream().ReadByte());
        Assert.False(reading.IsCompleted);

        // Also if the relay begins to wait only now.
        while (!reading.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await reading;
        Assert.All(rest, each => Assert.Equal(7, each));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task A_relay_passes_on_both_ways_what_came_and_that_it_has_ended()
    {
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        await using var relay = new RateLimitedRelay(target.LocalEndpoint, bitsPerSecond: 1e12, TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, relay.Port);
        using var server = await target.AcceptTcpClientAsync();
        var (near, far) = (client.GetStream(), server.GetStream());
        var sent = new byte[300_000];
        new Random(1).NextBytes(sent);

        var writing = near.WriteAsync(sent).AsTask();
        var received = new byte[sent.Length];
        await far.ReadExactlyAsync(received);
        await writing;
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal(sent, received);
        Assert.Equal(-1, far.ReadByte());
        await far.WriteAsync("back"u8.ToArray());
        await near.ReadExactlyAsync(received.AsMemory(0, 4));
        Assert.Equal("back"u8, received.AsSpan(0, 4));
    }

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task Behind_a_relay_that_leads_nowhere_a_connection_ends()
    {
        await using var relay = new RateLimitedRelay(new IPEndPoint(IPAddress.Loopback, 1), bitsPerSecond: 1e9, TimeProvider.System);
        using var client = new TcpClient();

        await client.ConnectAsync(IPAddress.Loopback, relay.Port);

        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
    }
}
