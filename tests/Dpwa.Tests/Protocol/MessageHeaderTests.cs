using CsCheck;
using Dpwa.Protocol;

namespace Dpwa.Tests.Protocol;

public class MessageHeaderTests
{
    private static readonly Gen<MessageHeader> Headers =
        from types in Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte, Gen.UInt)
        from ids in Gen.ULong.Array[7]
        from state in Gen.Double.Array[3]
        from rest in Gen.ULong.Array[3]
        select new MessageHeader
        {
            Type = (MessageType)types.Item1,
            Codec = (PayloadCodec)types.Item2,
            Reason = (RefusalReason)types.Item3,
            Flags = types.Item4,
            Cluster = ids[0],
            Sender = ids[1],
            Receiver = ids[2],
            Incarnation = ids[3],
            Request = ids[4],
            Sequence = ids[5],
            AgeMicroseconds = ids[6],
            Clock = state[0],
            Loss = state[1],
            Weight = state[2],
            Round = rest[0],
            Fingerprint = rest[1],
            BodyLength = rest[2],
        };

    [Fact]
    public void Any_header_survives_the_way() => Headers.Sample(header =>
    {
        Assert.Equal(HeaderFault.None, MessageHeader.TryRead(Encode(header), out MessageHeader read));
        Assert.Equal(header, read);
    });

    [Fact]
    public void Any_flipped_bit_is_noticed() => Gen.Select(Headers, Gen.Int[0, MessageHeader.Size * 8 - 1]).Sample((header, bit) =>
    {
        byte[] bytes = Encode(header);
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        Assert.NotEqual(HeaderFault.None, MessageHeader.TryRead(bytes, out MessageHeader read));
        Assert.Equal(default, read);
    });

    [Fact]
    public void Random_bytes_are_refused_and_never_throw() => Gen.Byte.Array[MessageHeader.Size].Sample(bytes =>
        Assert.Equal(HeaderFault.OtherProtocol, MessageHeader.TryRead([0xFF, .. bytes[1..]], out _)));

    [Fact]
    public void Random_bytes_behind_a_right_beginning_are_refused() => Gen.Byte.Array[MessageHeader.Size].Sample(bytes =>
    {
        "DPWA\u0001"u8.CopyTo(bytes);
        Assert.Equal(HeaderFault.Checksum, MessageHeader.TryRead(bytes, out _));
    });

    [Fact]
    public void Another_version_is_told_from_damage()
    {
        byte[] bytes = Encode(new MessageHeader { Type = MessageType.Fetch });
        bytes[4] = 2;
        Assert.Equal(HeaderFault.OtherVersion, MessageHeader.TryRead(bytes, out _));
    }

    [Fact]
    public void An_id_is_the_xxh3_of_the_utf8_name_and_never_zero()
    {
        // XXH3-64 of no bytes, with seed 0, is a published constant.
        Assert.Equal(0x2D06800538D394C2UL, MessageHeader.IdOf(""));
        Assert.Equal(System.IO.Hashing.XxHash3.HashToUInt64("größe"u8), MessageHeader.IdOf("größe"));
        Gen.String.Sample(name => MessageHeader.IdOf(name) != 0);
    }

    [Fact]
    public void Writing_overwrites_whatever_was_there()
    {
        var header = new MessageHeader { Type = MessageType.Ping, Cluster = 1 };
        byte[] dirty = new byte[MessageHeader.Size];
        dirty.AsSpan().Fill(0xAA);
        header.Write(dirty);
        Assert.Equal(Encode(header), dirty);
        Assert.Equal(new byte[4], dirty[12..16]);
    }

    /// <summary>PEERS: "4 GiB limit".</summary>
    [Theory]
    [InlineData((1UL << 32) - 1)]
    [InlineData(1UL << 32)]
    [InlineData((5UL << 30) + 64)]
    [InlineData(ulong.MaxValue)]
    public void A_body_beyond_4_GiB_has_its_length_in_the_header(ulong length)
    {
        byte[] bytes = Encode(new MessageHeader { Type = MessageType.Snapshot, BodyLength = length });
        Assert.Equal(length, BitConverter.ToUInt64(bytes, 112));
        Assert.Equal(HeaderFault.None, MessageHeader.TryRead(bytes, out MessageHeader read));
        Assert.Equal(length, read.BodyLength);
    }

    private static byte[] Encode(in MessageHeader header)
    {
        byte[] bytes = new byte[MessageHeader.Size];
        header.Write(bytes);
        return bytes;
    }
}
