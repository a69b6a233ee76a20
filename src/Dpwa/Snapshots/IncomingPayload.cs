using System.IO.Hashing;
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
    private readonly ParameterLayout? _layout;
    private readonly Action<IncomingPayload>? _return;
    private readonly XxHash3 _hash = new();
    private long _received;
    private long _scanned;
    private int _tensor;
    private bool _finite;
    private int _held;

    internal IncomingPayload(long length, ParameterLayout? layout, Action<IncomingPayload>? giveBack)
    {
        _buffer = new PayloadBuffer(length);
        _layout = layout;
        _return = giveBack;
        Reset();
    }

    /// <inheritdoc/>
    public long Length => _buffer.Length;

    /// <summary>The model whose parameters are arriving; null for a small body.</summary>
    public ParameterLayout? Layout => _layout;

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

    /// <summary>Checks the tensors' bytes that have arrived since the last time, whole elements only: tensors start at multiples of 64,
    /// so a multiple of 8 never cuts an element.</summary>
    private void Scan(ParameterLayout layout)
    {
        long end = _received == Length ? Length : _received & -8;
        while (_finite && _scanned < end && _tensor < layout.Tensors.Length)
        {
            long tensorEnd = layout.Offset(_tensor) + layout.Tensors[_tensor].ByteLength;
            long from = Math.Max(_scanned, layout.Offset(_tensor));
            long to = Math.Min(end, tensorEnd);
            while (_finite && from < to)
            {
                Span<byte> piece = this.Piece(from, to - from).Span;
                _finite = FiniteCopy.IsFinite(piece, layout.Tensors[_tensor].Type);
                from += piece.Length;
            }

            _scanned = Math.Max(_scanned, to);
            if (_scanned < tensorEnd)
                return;
            _tensor++;
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
