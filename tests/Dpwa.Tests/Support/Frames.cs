using System.IO.Hashing;
using Dpwa.Protocol;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dpwa.Tests.Support;

/// <summary>Frames written by hand from docs/protocol.md, not by the code under test, so that both can be wrong only separately.</summary>
internal static class Frames
{
    /// <summary>Header, body and the body's checksum.</summary>
    public static byte[] Of(MessageHeader header, byte[]? body = null)
    {
        body ??= [];
        byte[] frame = new byte[MessageHeader.Size + (body.Length > 0 ? body.Length + MessageHeader.TrailerSize : 0)];
        (header with { BodyLength = (ulong)body.Length }).Write(frame);
        if (body.Length == 0)
            return frame;
        body.CopyTo(frame.AsSpan(MessageHeader.Size));
        WriteUInt64LittleEndian(frame.AsSpan(MessageHeader.Size + body.Length), XxHash3.HashToUInt64(body));
        return frame;
    }

    /// <summary>The frame with some of its header changed and the header's checksum made right again.</summary>
    public static byte[] Changed(byte[] frame, Action<byte[]> change)
    {
        byte[] changed = [.. frame];
        change(changed);
        WriteUInt64LittleEndian(changed.AsSpan(120), XxHash3.HashToUInt64(changed.AsSpan(0, 120)));
        return changed;
    }

    /// <summary>A flat model's payload: the values, and zeros up to a multiple of 64 bytes.</summary>
    public static byte[] Payload(params ReadOnlySpan<float> values)
    {
        byte[] payload = new byte[(values.Length * sizeof(float) + 63) / 64 * 64];
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(values).CopyTo(payload);
        return payload;
    }

    /// <summary>The header that a healthy peer answers with.</summary>
    public static MessageHeader Reply(in MessageHeader request, MessageType type, string sender, string cluster = "") => new()
    {
        Type = type,
        Cluster = MessageHeader.IdOf(cluster),
        Sender = MessageHeader.IdOf(sender),
        Receiver = request.Sender,
        Incarnation = 7,
        Request = request.Request,
        Sequence = 1,
        Clock = 1,
        Loss = 1,
        Weight = 1,
        Round = 1,
        Fingerprint = request.Fingerprint,
    };

    /// <summary>The header of a request as a healthy client sends it.</summary>
    public static MessageHeader Request(MessageType type, string sender, string cluster = "", ulong request = 1, ulong fingerprint = 0) => new()
    {
        Type = type,
        Cluster = MessageHeader.IdOf(cluster),
        Sender = MessageHeader.IdOf(sender),
        Incarnation = 7,
        Request = request,
        Clock = 1,
        Loss = 1,
        Weight = 1,
        Round = 1,
        Fingerprint = fingerprint,
    };
}
