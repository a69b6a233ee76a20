using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Text;
using Dpwa.Security;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;
using Dpwa.Transport;
using Dpwa.Transport.Tls;

namespace Dpwa.Tests.Security;

/// <summary>What somebody on the way sees and can do, and what a handshake may cost.</summary>
public class WireTests
{
    private const int Limit = 60_000;

    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_listens_on_the_way_sees_neither_parameters_nor_names_nor_frames(bool encrypts)
    {
        await using var server = new TlsNode("server-name", encrypts ? Identities.Member("server-name") : null, 1234.5f);
        await using var tap = new Tap(server.Address.Port);
        await using var client = new TlsNode("client-name", encrypts ? Identities.Member("client-name") : null, 1);
        UpdateResult result = await client.Step(new DpwaNode("server-name", "127.0.0.1", tap.Port));
        Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);
        byte[] seen = tap.Seen;
        float[] parameters = [1234.5f, 1234.5f];
        Assert.True(seen.Length > 400);

        // In plain they are all there, but for names, of which only the ids travel.
        Assert.Equal(!encrypts, seen.AsSpan().IndexOf(MemoryMarshal.AsBytes(parameters.AsSpan())) >= 0);
        Assert.Equal(!encrypts, seen.AsSpan().IndexOf("DPWA"u8) >= 0);
        Assert.True(seen.AsSpan().IndexOf("server-name"u8) < 0 && seen.AsSpan().IndexOf("client-name"u8) < 0);
    }

    [Theory(Timeout = Limit)]
    [InlineData(5)]
    [InlineData(600)]
    [InlineData(1500)]
    public async Task What_is_changed_on_the_way_is_noticed_and_changes_nothing(int place)
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        await using var tap = new Tap(server.Address.Port, flipped: place);
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1);
        UpdateResult result = await client.Step(new DpwaNode("w1", "127.0.0.1", tap.Port));
        Assert.NotEqual(UpdateOutcome.Averaged, result.Outcome);
        Assert.Equal(1, client.Value);

        // Without it, once the back-off allows it.
        do
            result = await client.Step(server.Address);
        while (result.Outcome != UpdateOutcome.Averaged && !TestContext.Current.CancellationToken.IsCancellationRequested);
        Assert.Equal((UpdateOutcome.Averaged, 2f), (result.Outcome, client.Value));
    }

    [Fact(Timeout = Limit)]
    public async Task An_older_version_of_TLS_is_not_spoken()
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
#pragma warning disable SYSLIB0039, CA5397, CA5398 // The old versions are what is tested.
        await Assert.ThrowsAnyAsync<Exception>(() => RawTls.Connect(server.Address.Port, Identities.Member("w2").Certificate.TargetCertificate, protocols: SslProtocols.Tls12));
#pragma warning restore SYSLIB0039, CA5397, CA5398
        Assert.Contains("the TLS handshake with 127.0.0.1", await server.OfClient(), StringComparison.Ordinal);
    }

    /// <summary>Nothing, the beginning of a record, half a greeting, and a whole one without what should follow.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(int.MaxValue)]
    public async Task A_handshake_that_stalls_is_cut_after_the_time_out_and_holds_nobody(int length)
    {
        await using HostileScene scene = await HostileScene.Published(change: o => o with { ClusterKey = Identities.Source, Timeout = TimeSpan.FromSeconds(1) });
        using RawClient client = await RawClient.Connect(scene.Port);
        byte[] hello = await Hello();
        await client.Send(hello.AsMemory(0, Math.Min(length, hello.Length)));
        await scene.GoesOn();
        await client.UntilClosed();
        await scene.Logs.Logged(13);
        Assert.Contains("(TimedOut): a client connected and sent no whole request", Assert.Single(scene.Logs.Of(13)), StringComparison.Ordinal);
        await Eventually.Is(() => Inside.Running(scene.Node) <= 2, "its thread has ended");
    }

    /// <summary>What arrives of a handshake is no progress of a message: a byte now and then gains no time.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_handshake_that_comes_byte_by_byte_is_cut_after_the_time_out()
    {
        await using HostileScene scene = await HostileScene.Published(change: o => o with { ClusterKey = Identities.Source, Timeout = TimeSpan.FromMilliseconds(500) });
        using RawClient client = await RawClient.Connect(scene.Port);
        byte[] hello = await Hello();
        Task closed = client.UntilClosed();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (int i = 0; i < hello.Length && !closed.IsCompleted && await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken); i++)
        {
            try
            {
                await client.Send(hello.AsMemory(i, 1));
            }
            catch (IOException)
            {
                break;
            }
        }

        await closed;
        await scene.Logs.Logged(13);
        Assert.Contains("(TimedOut): a client connected and sent no whole request", Assert.Single(scene.Logs.Of(13)), StringComparison.Ordinal);
        await scene.GoesOn();
    }

    [Fact(Timeout = Limit)]
    public async Task A_server_that_stalls_the_handshake_fails_after_the_time_out()
    {
        await using var peer = new HostilePeer(visit => visit.Stall());
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1, o => o with { Timeout = TimeSpan.FromMilliseconds(500) });
        UpdateResult result = await client.Step(peer.Node);
        Assert.Equal((UpdateOutcome.TimedOut, 1f), (result.Outcome, client.Value));
    }

    [Fact(Timeout = Limit)]
    public async Task A_server_that_is_no_TLS_server_is_told_of()
    {
        await using var peer = new HostilePeer(async visit =>
        {
            await visit.Data();
            await visit.Send(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
            await visit.UntilClosed();
        });
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1);
        UpdateResult result = await client.Step(peer.Node);
        Assert.Equal((UpdateOutcome.Rejected, 1f), (result.Outcome, client.Value));
        Assert.Contains("the TLS handshake with evil at 127.0.0.1", result.Reason, StringComparison.Ordinal);
    }

    /// <summary>Handshakes that nobody finishes push out each other; there are never more than are allowed.</summary>
    [Fact(Timeout = Limit)]
    public async Task Hundreds_of_unfinished_handshakes_are_no_more_than_the_connections_that_are_allowed()
    {
        const int most = 16;
        await using HostileScene scene = await HostileScene.Published(change: o => o with { ClusterKey = Identities.Source, MaxConnections = most });
        byte[] hello = await Hello();
        var clients = new List<RawClient>();
        try
        {
            for (int i = 0; i < 200; i++)
            {
                clients.Add(await RawClient.Connect(scene.Port));
                await clients[^1].TrySend(hello.AsMemory(0, i % 2 == 0 ? 50 : hello.Length));
            }

            // All others have been closed: their end can be read.
            List<Task> ends = [.. clients.Select(client => client.UntilClosed())];
            await Eventually.Is(() => ends.Count(end => end.IsCompleted) >= 200 - most, "all but so many are closed");

            // Those that are left have had the time to speak.
            scene.Skip(TimeSpan.FromSeconds(1));
            await scene.GoesOn();
            Assert.InRange(Inside.Open(scene.Node), 1, most + 2);
            await Eventually.Is(() => Inside.Running(scene.Node) <= most + 2, "the threads of those that were closed have ended");
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    /// <summary>With auto they are asked for over the encrypted connection and go through memory; with tcp they are encrypted too. What is sent tells which: the parameters are 64 kB.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(TransportChoice.Auto, true)]
    [InlineData(TransportChoice.SharedMemory, true)]
    [InlineData(TransportChoice.Tcp, false)]
    public async Task On_one_host_parameters_go_through_memory_or_encrypted_as_the_transport_says(TransportChoice transport, bool throughMemory)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory is Linux's.");
        const int length = 16_000;
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3, o => o with { Transport = TransportChoice.Auto }, length);
        await using var tap = new Tap(server.Address.Port);
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1, o => o with { Transport = transport }, length);
        UpdateResult result = await client.Step(new DpwaNode("w1", "127.0.0.1", tap.Port));
        Assert.True(result.Outcome == UpdateOutcome.Averaged, result.Reason);
        Assert.Equal(2, client.Value);
        Assert.Equal(throughMemory, tap.Seen.Length < length * sizeof(float));
    }

    [Fact(Timeout = Limit)]
    public async Task A_refusal_reaches_who_is_refused_before_the_end()
    {
        var transport = new TlsTransport(Identities.Member("w1"));
        using IListener listener = transport.Listen(new DpwaNode("w1", "127.0.0.1", 0));
        Task<IConnection> connecting = Task.Run(() => new TlsTransport(Identities.Expired("w2")).ConnectAsync(Pair.NodeOf(listener, "127.0.0.1", "w1"), default).AsTask());
        using IConnection server = (await listener.AcceptAsync())!;
        Task opening = Task.Run(() => server.OpenAsync().AsTask());
        using IConnection client = await connecting;
        TransportException told = await Assert.ThrowsAsync<TransportException>(() => Task.Run(() => client.ReceiveAsync(new TestReceiver()).AsTask()));
        Assert.Contains("the certificate of this side has expired", told.Failure.Text, StringComparison.Ordinal);
        client.Dispose();
        TransportException found = await Assert.ThrowsAsync<TransportException>(() => opening);
        Assert.Contains("has a certificate that has expired", found.Failure.Text, StringComparison.Ordinal);
        Assert.Equal(0, server.Received);
    }

    /// <summary>What a client says first.</summary>
    private static async Task<byte[]> Hello()
    {
        await using var stream = new FirstWrite();
        await using var tls = new System.Net.Security.SslStream(stream);
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync("w1"));
        return stream.Bytes;
    }

    private sealed class FirstWrite : MemoryStream
    {
        public byte[] Bytes { get; private set; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Bytes = Bytes.Length == 0 ? buffer.ToArray() : Bytes;
            return default;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);
    }
}
