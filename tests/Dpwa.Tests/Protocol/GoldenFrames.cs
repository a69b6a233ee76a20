using System.Collections.Immutable;
using System.Text;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Tests.Protocol;

/// <summary>One message of each type with fixed fields. Their bytes are in <c>tests/vectors</c>; they change only with the protocol's version.</summary>
internal static class GoldenFrames
{
    public static readonly ParameterLayout Layout = new(
    [
        new TensorInfo("layer.weight", [2, 3], ElementType.Float32, TensorKind.Parameter),
        new TensorInfo("norm.running_var", [], ElementType.Float64, TensorKind.Statistic),
        new TensorInfo("größe", [1], ElementType.BFloat16, TensorKind.Parameter),
    ]);

    private static readonly MessageHeader Asking = new()
    {
        Cluster = MessageHeader.IdOf("demo"),
        Sender = MessageHeader.IdOf("w1"),
        Receiver = MessageHeader.IdOf("w2"),
        Incarnation = 0x0102030405060708,
        Request = 42,
        Clock = 2.5,
        Loss = 0.75,
        Weight = 1,
        Round = 3,
        Fingerprint = Layout.Fingerprint,
    };

    private static readonly MessageHeader Answering = Asking with
    {
        Sender = Asking.Receiver,
        Receiver = Asking.Sender,
        Incarnation = 0x1112131415161718,
        Clock = 4,
        Loss = 0.5,
        Round = 4,
    };

    /// <summary>File name, header and body.</summary>
    public static ImmutableArray<(string Name, MessageHeader Header, byte[] Body)> All { get; } =
    [
        ("fetch", Asking with { Type = MessageType.Fetch }, []),
        ("snapshot", Answering with { Type = MessageType.Snapshot, Sequence = 4, AgeMicroseconds = 1500 }, SnapshotBody()),
        ("snapshot-int8", Answering with { Type = MessageType.Snapshot, Codec = PayloadCodec.Int8, Sequence = 4, AgeMicroseconds = 1500 }, Int8Body()),
        ("refusal", Answering with { Type = MessageType.Refusal, Reason = RefusalReason.NotReady }, Encoding.UTF8.GetBytes("nothing has been published yet")),
        ("not-authenticated", new MessageHeader { Type = MessageType.Refusal, Reason = RefusalReason.NotAuthenticated, Flags = (uint)IdentityFault.Expired, Sender = Asking.Receiver }, []),
        ("layout-request", Asking with { Type = MessageType.LayoutRequest }, []),
        ("layout", Answering with { Type = MessageType.Layout }, Layout.Encode()),
        ("goodbye", Asking with { Type = MessageType.Goodbye }, []),
        ("ping", Asking with { Type = MessageType.Ping, Receiver = 0, Fingerprint = 0 }, []),
        ("pong", Answering with { Type = MessageType.Pong }, Encoding.UTF8.GetBytes("w2")),
        ("map-request", Asking with { Type = MessageType.MapRequest }, []),
        ("map", Answering with { Type = MessageType.Map }, new SharedTicket(Process: 1234, Descriptor: 56, Nonce: 0x2122232425262728, Generation: 9, Slot: 3, Slots: 256).Encode()),
        ("offer", Asking with { Type = MessageType.Offer, Flags = (uint)ExchangeKind.PushSum, Sequence = 7, Weight = 0.125 }, []),
        ("accepted", Answering with { Type = MessageType.Accepted, Sequence = 4 }, []),
        ("settle", Asking with { Type = MessageType.Settle, Sequence = 41 }, []),
        ("receipt", Asking with { Type = MessageType.Receipt, Flags = (uint)OfferFate.Applied }, []),
        ("piece-request", Asking with { Type = MessageType.PieceRequest, Sequence = 4, Flags = 2 }, []),
        ("status-request", Asking with { Type = MessageType.StatusRequest, Receiver = 0, Fingerprint = 0, Sequence = 7, Flags = MessageHeader.WithSketch }, []),
        ("status", Answering with { Type = MessageType.Status, Sequence = 7 }, StatusBody()),
        ("piece", Answering with { Type = MessageType.Piece, Sequence = 4, AgeMicroseconds = 1500, Flags = 2 }, SnapshotBody()),
    ];

    /// <summary>A status of a node that has averaged once.</summary>
    private static byte[] StatusBody() => new NodeStatus
    {
        Name = "w2",
        Version = "1.0.0",
        Incarnation = Answering.Incarnation,
        Process = 1234,
        Started = DateTimeOffset.UnixEpoch,
        Now = DateTimeOffset.UnixEpoch.AddSeconds(90),
        Clock = 4,
        Round = 4,
        Loss = 0.5,
        Weight = 1,
        Fingerprint = Layout.Fingerprint,
        Elements = Layout.Elements,
        SnapshotBytes = Layout.PayloadLength,
        PublishedRound = 4,
        Outcomes = [1, 0, 0, 0, 0, 0],
        BlockedSeconds = 0.25,
        Peers = [new PeerStatus("w1", "10.0.0.1:45000", 1000, PeerState.Available, null, 192, 384, 1, 0)],
        Exchanges = [new ExchangeRecord(8, DateTimeOffset.UnixEpoch.AddSeconds(89), 4, UpdateOutcome.Averaged, "w1", 0.5, 192, 0.125, null)],
        Sketch = [1, -2.5f],
    }.Encode();

    /// <summary>Written out by hand: the weights are 11.5, 34.6, 57.7, 80.8, 103.9 and 127 times the scale; what is not encoded is where it was.</summary>
    private static byte[] Int8Body()
    {
        byte[] body = SnapshotBody();
        body.AsSpan(0, 64).Clear();
        BitConverter.TryWriteBytes(body, 5.5f / 127);
        ((ReadOnlySpan<byte>)[12, 35, 58, 81, 104, 127]).CopyTo(body.AsSpan(4));
        return body;
    }

    /// <summary>Written out by hand: offsets 0, 64 and 128, zeros between, 192 bytes in all.</summary>
    public static byte[] SnapshotBody()
    {
        byte[] body = new byte[192];
        for (int i = 0; i < 6; i++)
            BitConverter.TryWriteBytes(body.AsSpan(i * 4), i + 0.5f);
        BitConverter.TryWriteBytes(body.AsSpan(64), 0.125);
        (body[128], body[129]) = (0x80, 0x3F);
        return body;
    }
}
