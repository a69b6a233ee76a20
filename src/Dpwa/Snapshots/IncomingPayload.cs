using System.IO.Hashing;
using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa.Snapshots;

/// <summary>
/// A body while it arrives. The transport asks for <see cref="Next"/>, fills some of it and says how much: each piece is hashed and
/// checked while it is hot in the cache. Nothing reads a body that has not passed <see cref="Complete"/>.
/// </summary>
public sealed class IncomingPayload : IPayload
{
    private const int Chunk = 256 * 1024;

    private readonly PayloadBuffer _buffer;
    private readonly EncodedLayout? _layout;
    private readonly Action<IncomingPayload>? _return;
    private readonly XxHash3 _hash = new();
    private long _received;
    private long _scanned;
    private int _tensor;
    private bool _finite;
    private int _held;

    internal IncomingPayload(long length, ParameterLayout? layout, Action<IncomingPayload>? giveBack, PayloadCodec codec = PayloadCodec.Native)
    {
        _buffer = new PayloadBuffer(length);
        _layout = layout is null ? null : EncodedLayout.Of(layout, codec);
        _return = giveBack;
        Reset();
    }

    /// <inheritdoc/>
    public long Length => _buffer.Length;

    /// <summary>The model whose parameters are arriving; null for a small body.</summary>
    public ParameterLayout? Layout => _layout?.Layout;

    /// <summary>How they are encoded.</summary>
    public PayloadCodec Codec => _layout?.Codec ?? PayloadCodec.Native;

    /// <summary>Whether it is in use: not given back yet.</summary>
    public bool IsLeased => Volatile.Read(ref _held) == 1;

    /// <summary>Where the next bytes go; empty when all are there.</summary>
    public Memory<byte> Next => _received == Length ? default : this.Piece(_received, Math.Min(Chunk, Length - _received));

    /// <summary>The next <paramref name="count"/> bytes are there.</summary>
    public void Advance(int count)
    {
        _hash.Append(this.Piece(_received, count).Span);
        _received += count;
        if (_layout is not null)
            Scan(_layout);
    }

    /// <summary>Takes over what another body holds, which has passed its checks.</summary>
    internal void CopyFrom(IPayload source)
    {
        for (; _received < Length;)
        {
            ReadOnlySpan<byte> piece = source.Piece(_received, Length - _received).Span;
            Memory<byte> room = this.Piece(_received, piece.Length);
            piece[..room.Length].CopyTo(room.Span);
            _received += room.Length;
        }
    }

    /// <summary>All bytes are there: whether they are what was sent, and every value is finite.</summary>
    public PayloadFault Complete(ulong checksum)
    {
        if (_received != Length || _hash.GetCurrentHashAsUInt64() != checksum)
            return PayloadFault.Checksum;
        return _finite ? PayloadFault.None : PayloadFault.NotFinite;
    }

    /// <inheritdoc/>
    public Memory<byte> Segment(int index) => _buffer.Segment(index);

    /// <summary>Gives the memory back for the next body.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _held, 0) == 1)
            _return?.Invoke(this);
    }

    internal void Reset()
    {
        _hash.Reset();
        _received = _scanned = 0;
        _tensor = 0;
        _finite = true;
        _held = 1;
    }

    /// <summary>Checks the tensors' bytes that have arrived since the last time, whole elements or blocks only.</summary>
    private void Scan(EncodedLayout layout)
    {
        Span<byte> scratch = stackalloc byte[WholeUnits.Longest];
        for (; _finite && _tensor < layout.Layout.Tensors.Length; _tensor++)
        {
            long start = layout.Offset(_tensor);
            long end = start + layout.ByteLength(_tensor);
            PayloadCodec codec = layout.CodecOf(_tensor);
            ElementType type = layout.Layout.Tensors[_tensor].Type;
            int unit = codec == PayloadCodec.Native ? type.Size() : PayloadCodecs.Unit(codec);
            long to = _received >= end ? end : _received - (_received - start) % unit;
            _scanned = Math.Max(_scanned, start);
            while (_finite && _scanned < to)
            {
                ReadOnlySpan<byte> piece = this.Whole(_scanned, to - _scanned, unit, scratch);
                _finite = codec == PayloadCodec.Native ? FiniteCopy.IsFinite(piece, type) : PayloadCodecs.IsFinite(codec, piece);
                _scanned += piece.Length;
            }

            if (_scanned < end)
                return;
        }
    }
}

/// <summary>What is wrong with a body that arrived.</summary>
public enum PayloadFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its bytes are not those that were sent.</summary>
    Checksum,

    /// <summary>It has a NaN or an infinity.</summary>
    NotFinite,
}
