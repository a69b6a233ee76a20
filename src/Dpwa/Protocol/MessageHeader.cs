using System.IO.Hashing;
using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dpwa.Protocol;

/// <summary>
/// The 128 bytes before every body. <c>docs/protocol.md</c> is the specification; each field here has its offset there.
/// </summary>
public readonly record struct MessageHeader
{
    /// <summary>Bytes of an encoded header.</summary>
    public const int Size = 128;

    /// <summary>Bytes of the checksum that follows a body that is not empty.</summary>
    public const int TrailerSize = 8;

    /// <summary>The protocol's version that this library speaks.</summary>
    public const byte CurrentVersion = 1;

    private const int ChecksumOffset = 120;

    private static ReadOnlySpan<byte> Magic => "DPWA"u8;

    /// <summary>What the message is.</summary>
    public MessageType Type { get; init; }

    /// <summary>How the body is encoded.</summary>
    public PayloadCodec Codec { get; init; }

    /// <summary>Why, in a refusal.</summary>
    public RefusalReason Reason { get; init; }

    /// <summary>In a fetch: the flag <see cref="FinalOnly"/>.</summary>
    public const uint FinalOnly = 1;

    /// <summary>In a request for a status: with a sketch of the parameters.</summary>
    public const uint WithSketch = 1;

    /// <summary>The kind of an offer, the fate in a receipt, <see cref="FinalOnly"/> in a fetch, the index of a piece, the <see cref="IdentityFault"/> in a refusal for one, <see cref="WithSketch"/> in a request for a status; 0 elsewhere, reserved for what later versions may say without changing the frame.</summary>
    public uint Flags { get; init; }

    /// <summary><see cref="IdOf"/> the cluster's name.</summary>
    public ulong Cluster { get; init; }

    /// <summary><see cref="IdOf"/> the sender's name.</summary>
    public ulong Sender { get; init; }

    /// <summary><see cref="IdOf"/> the receiver's name; 0 for whoever listens there.</summary>
    public ulong Receiver { get; init; }

    /// <summary>Tells one life of the sender from the next.</summary>
    public ulong Incarnation { get; init; }

    /// <summary>Chosen by who asks, repeated by who answers.</summary>
    public ulong Request { get; init; }

    /// <summary>Counts the snapshots of one incarnation.</summary>
    public ulong Sequence { get; init; }

    /// <summary>How long ago the snapshot was published, in microseconds, when this message was made.</summary>
    public ulong AgeMicroseconds { get; init; }

    /// <summary>The sender's clock when it published.</summary>
    public double Clock { get; init; }

    /// <summary>The sender's loss when it published.</summary>
    public double Loss { get; init; }

    /// <summary>The sender's push-sum weight; 1 where the method has none.</summary>
    public double Weight { get; init; }

    /// <summary>The number of steps that the sender has begun.</summary>
    public ulong Round { get; init; }

    /// <summary>The fingerprint of the sender's layout; 0 while it has none.</summary>
    public ulong Fingerprint { get; init; }

    /// <summary>Bytes of the body, the trailing checksum not counted.</summary>
    public ulong BodyLength { get; init; }

    /// <summary>The id under which a name travels: XXH3-64 of its UTF-8 bytes, and 1 should that be 0.</summary>
    public static ulong IdOf(string name) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name)) is var id and not 0 ? id : 1;

    /// <summary>Writes the header's <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        Span<byte> bytes = destination[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        bytes[4] = CurrentVersion;
        bytes[5] = (byte)Type;
        bytes[6] = (byte)Codec;
        bytes[7] = (byte)Reason;
        WriteUInt32LittleEndian(bytes[8..], Flags);
        WriteUInt64LittleEndian(bytes[16..], Cluster);
        WriteUInt64LittleEndian(bytes[24..], Sender);
        WriteUInt64LittleEndian(bytes[32..], Receiver);
        WriteUInt64LittleEndian(bytes[40..], Incarnation);
        WriteUInt64LittleEndian(bytes[48..], Request);
        WriteUInt64LittleEndian(bytes[56..], Sequence);
        WriteUInt64LittleEndian(bytes[64..], AgeMicroseconds);
        WriteDoubleLittleEndian(bytes[72..], Clock);
        WriteDoubleLittleEndian(bytes[80..], Loss);
        WriteDoubleLittleEndian(bytes[88..], Weight);
        WriteUInt64LittleEndian(bytes[96..], Round);
        WriteUInt64LittleEndian(bytes[104..], Fingerprint);
        WriteUInt64LittleEndian(bytes[112..], BodyLength);
        WriteUInt64LittleEndian(bytes[ChecksumOffset..], XxHash3.HashToUInt64(bytes[..ChecksumOffset]));
    }

    /// <summary>Reads a header from untrusted bytes.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes.</param>
    /// <param name="header">The header, when the fault is <see cref="HeaderFault.None"/>.</param>
    public static HeaderFault TryRead(ReadOnlySpan<byte> source, out MessageHeader header)
    {
        ReadOnlySpan<byte> bytes = source[..Size];
        header = default;
        if (!bytes.StartsWith(Magic))
            return HeaderFault.OtherProtocol;
        if (bytes[4] != CurrentVersion)
            return HeaderFault.OtherVersion;
        if (ReadUInt64LittleEndian(bytes[ChecksumOffset..]) != XxHash3.HashToUInt64(bytes[..ChecksumOffset]))
            return HeaderFault.Checksum;
        header = new MessageHeader
        {
            Type = (MessageType)bytes[5],
            Codec = (PayloadCodec)bytes[6],
            Reason = (RefusalReason)bytes[7],
            Flags = ReadUInt32LittleEndian(bytes[8..]),
            Cluster = ReadUInt64LittleEndian(bytes[16..]),
            Sender = ReadUInt64LittleEndian(bytes[24..]),
            Receiver = ReadUInt64LittleEndian(bytes[32..]),
            Incarnation = ReadUInt64LittleEndian(bytes[40..]),
            Request = ReadUInt64LittleEndian(bytes[48..]),
            Sequence = ReadUInt64LittleEndian(bytes[56..]),
            AgeMicroseconds = ReadUInt64LittleEndian(bytes[64..]),
            Clock = ReadDoubleLittleEndian(bytes[72..]),
            Loss = ReadDoubleLittleEndian(bytes[80..]),
            Weight = ReadDoubleLittleEndian(bytes[88..]),
            Round = ReadUInt64LittleEndian(bytes[96..]),
            Fingerprint = ReadUInt64LittleEndian(bytes[104..]),
            BodyLength = ReadUInt64LittleEndian(bytes[112..]),
        };
        return HeaderFault.None;
    }
}

/// <summary>Why bytes are not a header.</summary>
public enum HeaderFault
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>They do not start with the magic: another protocol speaks there.</summary>
    OtherProtocol,

    /// <summary>The protocol's version is not ours.</summary>
    OtherVersion,

    /// <summary>They were damaged on the way.</summary>
    Checksum,
}
