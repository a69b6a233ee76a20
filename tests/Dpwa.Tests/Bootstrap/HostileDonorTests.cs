using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Bootstrap;

/// <summary>Who gives a model and lies, and who takes one and misbehaves, over TCP.</summary>
public class HostileDonorTests
{
    private const int Limit = 60_000;

    // One piece and a half.
    private const int Large = 3 * Donation.PieceBytes / sizeof(float) / 2;
    private static readonly ulong Fingerprint = ParameterLayout.Flat(HostileScene.Length).Fingerprint;

    [Theory(Timeout = Limit)]
    [InlineData("length", "announced a body of")]
    [InlineData("codec", "answered in codec 1, which was not asked for")]
    [InlineData("fingerprint", "sent the parameters of another model")]
    [InlineData("index", "sent another piece than it was asked for")]
    [InlineData("type", "sent a body that was not asked for")]
    [InlineData("clock", "has the clock NaN")]
    [InlineData("round", "its round is")]
    [InlineData("values", "not every value is finite")]
    [InlineData("checksum", "damaged")]
    public async Task Who_lies_is_left_and_nothing_is_begun_with(string what, string reason)
    {
        await using var scene = new HostileScene(new HostilePeer(async visit =>
        {
            MessageHeader request = await visit.Request();
            float[] values = Answers.Values;
            if (what == "values")
                values[^1] = float.NaN;
            byte[] frame = Piece(request, Frames.Payload(values), header => what switch
            {
                "codec" => header with { Codec = PayloadCodec.BFloat16 },
                "fingerprint" => header with { Fingerprint = 1 },
                "index" => header with { Flags = 1 },
                "type" => header with { Type = MessageType.Snapshot },
                "clock" => header with { Clock = double.NaN },
                "round" => header with { Round = ulong.MaxValue },
                _ => header,
            });
            if (what == "length")
                frame = Frames.Changed(frame, bytes => BitConverter.TryWriteBytes(bytes.AsSpan(112), 1UL << 40));
            if (what == "checksum")
                frame[^1] ^= 1;
            await visit.Send(frame);
            await visit.UntilClosed();
        }));

        BootstrapResult result = await Task.Run(() => scene.Node.Bootstrap(scene.Values));

        Assert.False(result.HasModel);
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
        Assert.All(scene.Values, value => Assert.Equal(1, value));
        Assert.Equal(0, scene.Node.Clock);
        Assert.Equal(what != "fingerprint", scene.Evil.BadPayloads >= 1);

        // It begins with its own.
        await scene.Step();
        await scene.GoesOn();
    }

    /// <summary>The second piece is of another snapshot than the first: a model of two moments is none.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_piece_of_another_snapshot_or_life_is_not_taken(bool isLife)
    {
        await using var evil = new HostilePeer(async visit =>
        {
            for (uint index = 0; ; index++)
            {
                MessageHeader request = await visit.Request();
                byte[] body = new byte[Donation.Length(request.Flags, ParameterLayout.Flat(Large).PayloadLength)];
                await visit.Send(Piece(request, body, h => isLife ? h with { Incarnation = 7 + request.Flags } : h with { Sequence = 1 + request.Flags }));
            }
        });
        await using var node = new DpwaConnection("w1", new DpwaOptions { Nodes = [new DpwaNode("w1", "127.0.0.1", 0), evil.Node], Transport = TransportChoice.Tcp });
        float[] values = new float[Large];
        values.AsSpan().Fill(1);

        BootstrapResult result = await Task.Run(() => node.Bootstrap(values));

        Assert.EndsWith("sent another piece than it was asked for", result.Reason, StringComparison.Ordinal);
        Assert.Equal([1f], values.Distinct());
    }

    /// <summary>One that begins again and again renews the wait each time; it may do so three times.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(RefusalReason.Busy, "is busy")]
    [InlineData(RefusalReason.NotReady, "has no model yet")]
    public async Task Who_gives_the_first_piece_and_never_the_second_is_left(RefusalReason reason, string why)
    {
        int begun = 0;
        await using HostilePeer evil = Donor(request =>
        {
            if (request.Flags > 0)
                return Frames.Of(Frames.Reply(request, MessageType.Refusal, HostilePeer.Name) with { Reason = reason });
            begun++;
            return null;
        });
        await using DpwaConnection node = Joiner(evil, TimeSpan.FromMilliseconds(200));

        BootstrapResult result = await Task.Run(() => node.Bootstrap(new float[Large]));

        Assert.EndsWith(why, result.Reason, StringComparison.Ordinal);
        Assert.Equal(3, begun);
    }

    /// <summary>A donor that trains may have its hands full for a moment (max_serves). What it has given is kept meanwhile, on either side.</summary>
    [Fact(Timeout = Limit)]
    public async Task Who_is_busy_for_a_moment_goes_on_where_it_was()
    {
        var asked = new List<uint>();
        await using HostilePeer donor = Donor(request =>
        {
            asked.Add(request.Flags);
            return asked.Count is 2 or 3 ? Frames.Of(Frames.Reply(request, MessageType.Refusal, HostilePeer.Name) with { Reason = RefusalReason.Busy }) : null;
        });
        await using DpwaConnection node = Joiner(donor, TimeSpan.FromSeconds(20));

        Assert.True((await Task.Run(() => node.Bootstrap(new float[Large]))).HasModel);

        Assert.Equal([0u, 1u, 1u, 1u], asked);
    }

    /// <summary>A peer that never answers costs its time-outs; training begins all the same.</summary>
    [Fact(Timeout = Limit)]
    public async Task Who_says_nothing_costs_three_time_outs()
    {
        await using var scene = new HostileScene(new HostilePeer(visit => visit.Stall()), HostileScene.Impatient);
        BootstrapResult result = await Task.Run(() => scene.Node.Bootstrap(scene.Values));
        Assert.EndsWith("did not answer within 0.2 s", result.Reason, StringComparison.Ordinal);
        Assert.Equal(3, scene.Evil.Failures);
    }

    [Theory(Timeout = Limit)]
    [InlineData("stranger", RefusalReason.OtherCluster)]
    [InlineData("model", RefusalReason.OtherModel)]
    [InlineData("index", RefusalReason.Unsupported)]
    [InlineData("sequence", RefusalReason.NotReady)]
    [InlineData("busy", RefusalReason.Busy)]
    public async Task A_request_that_cannot_be_served_is_refused_and_keeps_nothing(string what, RefusalReason reason)
    {
        await using HostileScene scene = await HostileScene.Published();
        scene.Node.AddPeer(new DpwaNode("client", "127.0.0.1", 9));
        scene.Node.AddPeer(new DpwaNode("other", "127.0.0.1", 9));
        using RawClient other = await RawClient.Connect(scene.Port);
        if (what == "busy")
        {
            await other.Send(Request("other"));
            Assert.Equal(MessageType.Piece, (await other.Receive()).Header.Type);
        }

        using RawClient client = await RawClient.Connect(scene.Port);
        MessageHeader request = Request(what == "stranger" ? "stranger" : "client");
        await client.Send(what switch
        {
            "model" => request with { Fingerprint = 1 },
            "index" => request with { Flags = 1 },
            "sequence" => request with { Sequence = 1 },
            _ => request,
        });

        (MessageHeader header, _) = await client.Receive();

        Assert.Equal((MessageType.Refusal, reason), (header.Type, header.Reason));
        if (what != "busy")
            await Eventually.NothingIsLeased(scene.Node);
    }

    /// <summary>What is kept for a peer is freed by its word, and by nobody else's.</summary>
    [Theory(Timeout = Limit)]
    [InlineData("client", 5, true)]
    [InlineData("client", 4, false)]
    [InlineData("other", 5, false)]
    public async Task A_receipt_frees_what_its_sender_has_taken(string sender, ulong number, bool frees)
    {
        await using HostileScene scene = await HostileScene.Published();
        scene.Node.AddPeer(new DpwaNode("client", "127.0.0.1", 9));
        scene.Node.AddPeer(new DpwaNode("other", "127.0.0.1", 9));
        using RawClient client = await RawClient.Connect(scene.Port);
        await client.Send(Request("client") with { Request = 5 });
        Assert.Equal(MessageType.Piece, (await client.Receive()).Header.Type);

        using RawClient liar = await RawClient.Connect(scene.Port);
        RawClient from = sender == "client" ? client : liar;
        if (from == liar)
        {
            // A receipt counts only on a connection on which its sender has asked for something.
            await liar.Send(Frames.Request(MessageType.Ping, sender));
            await liar.Receive();
        }

        await from.Send(Frames.Request(MessageType.Receipt, sender, request: number) with { Receiver = MessageHeader.IdOf("w1"), Flags = (uint)OfferFate.Applied, Sequence = 1 });
        await from.Send(Frames.Request(MessageType.Ping, sender));
        await from.Receive();

        await liar.Send(Request("other") with { Request = 9 });
        Assert.Equal(frees ? MessageType.Piece : MessageType.Refusal, (await liar.Receive()).Header.Type);
    }

    /// <summary>Gives what it is asked for, unless it has another answer.</summary>
    private static HostilePeer Donor(Func<MessageHeader, byte[]?> other) => new(async visit =>
    {
        while (true)
        {
            MessageHeader request = await visit.Request();
            if (request.Type != MessageType.PieceRequest)
                continue;
            byte[] body = new byte[Donation.Length(request.Flags, ParameterLayout.Flat(Large).PayloadLength)];
            await visit.Send(other(request) ?? Piece(request, body, header => header));
        }
    });

    private static DpwaConnection Joiner(HostilePeer donor, TimeSpan timeout) =>
        new("w1", new DpwaOptions { Nodes = [new DpwaNode("w1", "127.0.0.1", 0), donor.Node], Transport = TransportChoice.Tcp, Timeout = timeout });

    private static MessageHeader Request(string sender) => Frames.Request(MessageType.PieceRequest, sender, fingerprint: Fingerprint);

    private static byte[] Piece(in MessageHeader request, byte[] body, Func<MessageHeader, MessageHeader> change) =>
        Frames.Of(change(Frames.Reply(request, MessageType.Piece, HostilePeer.Name) with { Flags = request.Flags }), body);
}
