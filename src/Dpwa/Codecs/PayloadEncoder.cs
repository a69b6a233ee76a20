using System.Runtime.InteropServices;
using Dpwa.Protocol;

namespace Dpwa.Codecs;

/// <summary>Encodes a payload piece by piece into one small buffer of its own, so that a piece is hashed and sent while it is in the cache and no encoded
/// copy of the whole is ever kept.</summary>
public sealed class PayloadEncoder
{
    private const int DefaultCapacity = 128 * 1024;

    private readonly byte[] _buffer;
    private IPayload? _payload;
    private EncodedLayout? _layout;
    private int _tensor;
    private long _at;

    /// <summary>An encoder whose pieces have at most this many bytes.</summary>
    /// <param name="capacity">At least a block; 128 KiB by default.</param>
    public PayloadEncoder(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, Int8Codec.BlockLength);
        _buffer = GC.AllocateArray<byte>(capacity, pinned: true);
    }

    /// <summary>Starts with a payload.</summary>
    /// <param name="payload">The model in its own element types. It must stay as it is until the last piece.</param>
    /// <param name="layout">What it is encoded to.</param>
    public void Begin(IPayload payload, EncodedLayout layout)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(layout);
        (_payload, _layout, _tensor, _at) = (payload, layout, 0, 0);
    }

    /// <summary>The next bytes, valid until the next call; empty when there are no more.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        int filled = 0;
        if (_payload is not null && _layout is not null)
        {
            while (_tensor < _layout.Layout.Tensors.Length && Write(_payload, _layout, _buffer.AsSpan(filled)) is var count and > 0)
                filled += count;
        }

        if (filled == 0)
            _payload = null;
        return _buffer.AsMemory(0, filled);
    }

    /// <summary>Writes some of the tensor at hand, or of the zeros behind it. Gives how many bytes; 0 when there is no room for more.</summary>
    private int Write(IPayload payload, EncodedLayout layout, Span<byte> room)
    {
        long start = layout.Offset(_tensor);
        long left = start + layout.ByteLength(_tensor) - _at;
        int count = left <= 0 ? WriteZeros(layout, room)
            : layout.CodecOf(_tensor) == PayloadCodec.Native ? Copy(payload.Piece(layout.Layout.Offset(_tensor) + _at - start, Math.Min(left, room.Length)).Span, room)
            : Encode(payload, layout, room);
        _at += count;
        bool isLast = _tensor + 1 == layout.Layout.Tensors.Length;
        if (_at == (isLast ? layout.Length : layout.Offset(_tensor + 1)))
            _tensor++;
        return count;
    }

    private int WriteZeros(EncodedLayout layout, Span<byte> room)
    {
        long next = _tensor + 1 < layout.Layout.Tensors.Length ? layout.Offset(_tensor + 1) : layout.Length;
        room = room[..(int)Math.Min(next - _at, room.Length)];
        room.Clear();
        return room.Length;
    }

    private static int Copy(ReadOnlySpan<byte> piece, Span<byte> room)
    {
        piece.CopyTo(room);
        return piece.Length;
    }

    private int Encode(IPayload payload, EncodedLayout layout, Span<byte> room)
    {
        long encoded = _at - layout.Offset(_tensor);
        int length = (int)Math.Min(layout.ByteLength(_tensor) - encoded, room.Length);
        if (length == room.Length)
            length -= length % PayloadCodecs.Unit(layout.Codec);
        if (length == 0)
            return 0;
        long from = layout.Layout.Offset(_tensor) + sizeof(float) * PayloadCodecs.Elements(layout.Codec, encoded);
        long bytes = sizeof(float) * PayloadCodecs.Elements(layout.Codec, length);
        Span<byte> scratch = stackalloc byte[WholeUnits.Longest];
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(payload.Whole(from, bytes, WholeUnits.Longest, scratch));
        PayloadCodecs.Encode(layout.Codec, values, room);
        return (int)PayloadCodecs.EncodedLength(layout.Codec, values.Length);
    }
}
