using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Tests.Support;
using Dpwa.Transport;

namespace Dpwa.Tests.Transport;

/// <summary>What every transport must do. A subclass says which transport, and where its nodes listen.</summary>
public abstract class TransportSuite
{
    private const int Limit = 30_000;

    // Both ends have one name, since both have one transport, which may prove it.
    private static readonly MessageHeader Header = Frames.Request(MessageType.Fetch, "server");

    protected abstract ITransport Transport { get; }

    protected abstract string Host { get; }

    [Fact(Timeout = Limit)]
    public async Task A_message_without_a_body_arrives()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        MessageHeader sent = Header with { Request = 5 };
        await pair.Client.SendAsync(new Message(sent, null));
        Message message = await pair.Server.ReceiveAsync(new TestReceiver());
        Assert.Equal((sent, null), (message.Header, message.Body));
    }

    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(256 * 1024)]
    [InlineData(5 * 1024 * 1024 + 3)]
    public async Task A_body_arrives_as_it_was_and_its_lease_ends_once(int length)
    {
        using Pair pair = await Pair.Open(Transport, Host);
        var body = new CountedBody(Bytes(length));
        Task sending = pair.Client.SendAsync(Message.With(Header, body)).AsTask();
        using IPayload received = (await pair.Server.ReceiveAsync(new TestReceiver())).Body!;
        await sending;
        Assert.Equal(length, received.Length);
        Assert.True(Bytes(length).AsSpan().SequenceEqual(received.Segment(0).Span));
        Assert.Equal(1, body.Disposals);

        // Over TCP what has arrived is counted, which the sender learns a little later, and the system counts its own first byte too. What is encrypted is longer on its way.
        await Eventually.Is(() => pair.Client.Sent >= pair.Server.Received, "what has arrived is counted");
        if (Transport.Identity is null)
            Assert.InRange(pair.Client.Sent, pair.Server.Received, pair.Server.Received + 1);
        Assert.Equal(MessageHeader.Size + length + MessageHeader.TrailerSize, pair.Server.Received);
    }

    [Fact(Timeout = Limit)]
    public async Task Many_messages_in_a_row_keep_their_order()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        const int count = 300;
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
                await pair.Client.SendAsync(i % 3 == 0 ? new(Header with { Request = (ulong)i }, null) : Message.With(Header with { Request = (ulong)i }, new BytesPayload(Bytes(i))));
        });
        var receiver = new TestReceiver();
        for (int i = 0; i < count; i++)
        {
            Message message = await pair.Server.ReceiveAsync(receiver);
            Assert.Equal((ulong)i, message.Header.Request);
            Assert.Equal(i % 3 == 0 ? [] : Bytes(i), message.Body?.Segment(0).ToArray() ?? []);
            message.Release();
        }

        await sending;
    }

    [Fact(Timeout = Limit)]
    public async Task Both_directions_carry_large_bodies_at_once()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        byte[] bytes = Bytes(4 * 1024 * 1024);
        Task<bool>[] ends = [Exchange(pair.Client), Exchange(pair.Server)];
        Assert.All(await Task.WhenAll(ends), Assert.True);

        async Task<bool> Exchange(IConnection end)
        {
            Task sending = end.SendAsync(Message.With(Header, new BytesPayload(bytes))).AsTask();
            using IPayload received = (await end.ReceiveAsync(new TestReceiver())).Body!;
            await sending;
            return received.Segment(0).Span.SequenceEqual(bytes);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Connecting_where_nobody_listens_is_refused()
    {
        DpwaNode gone;
        using (IListener listener = Transport.Listen(new DpwaNode("w1", Host, 0)))
            gone = Pair.NodeOf(listener, Host);
        Failure failure = (await Assert.ThrowsAsync<TransportException>(() => Transport.ConnectAsync(gone, default).AsTask())).Failure;
        Assert.Equal(FailureKind.Unreachable, failure.Kind);
        Assert.Contains("nothing listens there", failure.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_cannot_listen_at_one_address_and_the_error_names_node_and_port()
    {
        using IListener first = Transport.Listen(new DpwaNode("w1", Host, 0));
        int port = Pair.PortOf(first);
        string message = Assert.Throws<DpwaBindException>(() => Transport.Listen(new DpwaNode("w2", Host, port) { Source = "dpwa.yaml:4:5" })).Message;
        Assert.Contains("w2", message, StringComparison.Ordinal);
        Assert.Contains($"{port}", message, StringComparison.Ordinal);
        Assert.Contains("in use", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_is_free_again_after_the_listener_is_disposed()
    {
        int port;
        using (IListener first = Transport.Listen(new DpwaNode("w1", Host, 0)))
            port = Pair.PortOf(first);
        using IListener second = Transport.Listen(new DpwaNode("w1", Host, port));
        Assert.Equal(port, Pair.PortOf(second));
    }

    [Fact(Timeout = Limit)]
    public async Task Accepting_ends_with_nothing_when_the_listener_is_disposed()
    {
        IListener listener = Transport.Listen(new DpwaNode("w1", Host, 0));
        Task<IConnection?> accepting = listener.AcceptAsync().AsTask();
        listener.Dispose();
        Assert.Null(await accepting);
    }

    [Fact(Timeout = Limit)]
    public async Task The_other_side_sees_a_close_after_what_was_sent()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        await pair.Client.SendAsync(Message.With(Header, new BytesPayload(Bytes(1000))));
        pair.Client.Dispose();
        (await pair.Server.ReceiveAsync(new TestReceiver())).Release();
        Assert.Equal(FailureKind.Closed, await FailureOf(pair.Server.ReceiveAsync(new TestReceiver()).AsTask()));
    }

    [Fact(Timeout = Limit)]
    public async Task Who_finishes_sending_still_receives_and_the_other_side_sees_the_end_after_what_was_sent()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        await pair.Server.SendAsync(new Message(Header with { Request = 1 }, null));
        await pair.Client.SendAsync(Message.With(Header with { Request = 2 }, new BytesPayload(Bytes(1000))));
        pair.Client.FinishSending();
        pair.Client.FinishSending();
        (await pair.Server.ReceiveAsync(new TestReceiver())).Release();
        Assert.Equal(FailureKind.Closed, await FailureOf(pair.Server.ReceiveAsync(new TestReceiver()).AsTask()));
        Assert.Equal(1UL, (await pair.Client.ReceiveAsync(new TestReceiver())).Header.Request);
        await pair.Server.SendAsync(new Message(Header with { Request = 3 }, null));
        Assert.Equal(3UL, (await pair.Client.ReceiveAsync(new TestReceiver())).Header.Request);
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_ends_a_receive_under_way()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        Task receiving = pair.Server.ReceiveAsync(new TestReceiver()).AsTask();
        pair.Server.Dispose();
        Assert.Equal(FailureKind.Closed, await FailureOf(receiving));
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_ends_a_body_under_way_and_gives_its_memory_back()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        var receiver = new TestReceiver();
        Task receiving = pair.Server.ReceiveAsync(receiver).AsTask();
        var body = new CountedBody(Bytes(1000));

        // A header that announces more than the body has: the receiver waits for the rest.
        await pair.Client.SendAsync(new Message(Header with { BodyLength = 2000 }, body));
        pair.Server.Dispose();
        await Assert.ThrowsAsync<TransportException>(() => receiving);
        Assert.True(receiver.Asked.Count == receiver.Returned, "the memory that was taken for the body was not given back");
    }

    [Fact(Timeout = Limit)]
    public async Task A_reader_that_stalls_stalls_the_writer_and_disposing_ends_it_with_one_release()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        var body = new CountedBody(Bytes(64 * 1024 * 1024));
        Task sending = pair.Client.SendAsync(Message.With(Header, body)).AsTask();

        // It stalls: the buffers between hold far less, whatever the system.
        Assert.False(sending.IsCompleted);
        Assert.Equal(0, body.Disposals);
        pair.Client.Dispose();
        Assert.Equal(FailureKind.Closed, await FailureOf(sending));
        Assert.Equal(1, body.Disposals);
    }

    [Fact(Timeout = Limit)]
    public async Task Sending_to_a_side_that_is_gone_fails_and_releases_every_body_once()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        pair.Server.Dispose();
        var bodies = new List<CountedBody>();
        await Assert.ThrowsAsync<TransportException>(async () =>
        {
            while (true)
            {
                bodies.Add(new CountedBody(Bytes(64 * 1024)));
                await pair.Client.SendAsync(Message.With(Header, bodies[^1]));
            }
        });
        Assert.All(bodies, b => Assert.Equal(1, b.Disposals));
    }

    [Fact(Timeout = Limit)]
    public async Task A_body_is_refused_before_a_byte_of_it_is_read()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        var refusal = new Failure(FailureKind.Protocol, "too long");
        var receiver = new TestReceiver(_ => refusal);
        Task sending = pair.Client.SendAsync(Message.With(Header, new BytesPayload(Bytes(5000)))).AsTask();
        TransportException e = await Assert.ThrowsAsync<TransportException>(() => pair.Server.ReceiveAsync(receiver).AsTask());
        Assert.Equal(refusal, e.Failure);
        Assert.Equal(MessageHeader.Size, pair.Server.Received);
        Assert.Equal(5000UL, Assert.Single(receiver.Asked).BodyLength);
        await sending;
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_twice_and_from_two_threads_is_harmless()
    {
        using Pair pair = await Pair.Open(Transport, Host);
        await Task.WhenAll(Task.Run(pair.Client.Dispose), Task.Run(pair.Client.Dispose));
        pair.Client.Dispose();
        await Assert.ThrowsAsync<TransportException>(() => pair.Client.ReceiveAsync(new TestReceiver()).AsTask());
        await Assert.ThrowsAsync<TransportException>(() => pair.Client.SendAsync(new Message(Header, null)).AsTask());
    }

    private static async Task<FailureKind> FailureOf(Task task) => (await Assert.ThrowsAsync<TransportException>(() => task)).Failure.Kind;

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
