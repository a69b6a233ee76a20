using Dpwa.Protocol;

namespace Dpwa.Codecs;

/// <summary>Reading a payload without cutting what belongs together.</summary>
internal static class WholeUnits
{
    /// <summary>The longest unit: a block of <see cref="PayloadCodec.Int8"/> before it is encoded.</summary>
    public const int Longest = PayloadCodecs.BlockElements * sizeof(float);

    /// <summary>
    /// The bytes from <paramref name="offset"/> on: <paramref name="length"/> of them or, where a segment ends before that, as many whole units as are there. A
    /// unit across that end is put together in <paramref name="scratch"/>.
    /// </summary>
    /// <param name="payload">What to read.</param>
    /// <param name="offset">Where.</param>
    /// <param name="length">How many bytes at most; only the last unit may be shorter than the others.</param>
    /// <param name="unit">Bytes of a unit.</param>
    /// <param name="scratch">Room for a unit.</param>
    public static ReadOnlySpan<byte> Whole(this IPayload payload, long offset, long length, int unit, Span<byte> scratch)
    {
        ReadOnlySpan<byte> piece = payload.Piece(offset, length).Span;
        if (piece.Length == length)
            return piece;
        if (piece.Length >= unit)
            return piece[..(piece.Length - piece.Length % unit)];
        Span<byte> whole = scratch[..(int)Math.Min(unit, length)];
        piece.CopyTo(whole);
        payload.Piece(offset + piece.Length, whole.Length - piece.Length).Span.CopyTo(whole[piece.Length..]);
        return whole;
    }
}
