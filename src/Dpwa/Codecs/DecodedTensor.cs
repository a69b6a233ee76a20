using System.Runtime.InteropServices;
using Dpwa.Protocol;

namespace Dpwa.Codecs;

/// <summary>A float32 parameter in a payload, read as values a few at a time.</summary>
/// <param name="payload">The payload.</param>
/// <param name="offset">Where the tensor starts in it.</param>
/// <param name="codec">How it is encoded.</param>
internal readonly struct DecodedTensor(IPayload payload, long offset, PayloadCodec codec)
{
    /// <summary>Some values: where they are, or decoded into <paramref name="scratch"/>.</summary>
    /// <param name="first">The first, at the start of a block of the codec.</param>
    /// <param name="count">How many: whole blocks, or all that are left.</param>
    /// <param name="scratch">Room for as many.</param>
    public ReadOnlySpan<float> Read(long first, int count, Span<float> scratch)
    {
        long at = offset + PayloadCodecs.EncodedLength(codec, first);
        long length = PayloadCodecs.EncodedLength(codec, count);
        ReadOnlySpan<byte> piece = payload.Piece(at, length).Span;
        if (codec == PayloadCodec.Native && piece.Length == length)
            return MemoryMarshal.Cast<byte, float>(piece);
        Span<byte> unit = stackalloc byte[WholeUnits.Longest];
        Span<float> values = scratch[..count];
        for (int filled = 0; filled < count;)
        {
            long done = PayloadCodecs.EncodedLength(codec, filled);
            ReadOnlySpan<byte> bytes = payload.Whole(at + done, length - done, PayloadCodecs.Unit(codec), unit);
            int more = (int)PayloadCodecs.Elements(codec, bytes.Length);
            PayloadCodecs.Decode(codec, bytes, values.Slice(filled, more));
            filled += more;
        }

        return values;
    }
}
