using System.Buffers;
using System.Runtime.InteropServices;
using Dpwa.Protocol;

namespace Dpwa.Launch.Bench.Memory;

/// <summary>Memory outside the garbage collector's heap, aligned like tensors, in pieces of at most 1 GiB: as a model's live parameters are.</summary>
internal sealed unsafe class NativeBlock : IPayload
{
    // An allocator maps a block above this by itself and gives it back to the system at once when it is freed (glibc: 32 MiB at most), so
    // that freed memory is never taken for memory in use. What is not touched takes none.
    private const long MappedByItself = 33L << 20;

    private readonly Piece[] _pieces;
    private byte* _start;

    /// <param name="length">Bytes.</param>
    /// <param name="seed">Fills it with values in [-0.5, 0.5) that differ by this.</param>
    /// <param name="type">Their type: float32 or one of 16 bits.</param>
    public NativeBlock(long length, int seed, ElementType type = ElementType.Float32)
    {
        Length = length;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(length, MappedByItself), ParameterLayout.Alignment);
        _pieces = new Piece[(length + IPayload.SegmentSize - 1) / IPayload.SegmentSize];
        for (var i = 0; i < _pieces.Length; i++)
            _pieces[i] = new(_start + ((long)i * IPayload.SegmentSize), (int)Math.Min(IPayload.SegmentSize, length - ((long)i * IPayload.SegmentSize)));
        var state = ((uint)seed * 2_654_435_761) + 1;
        var size = type.Size();
        for (var at = 0L; at + size <= length; at += size)
        {
            state = (state * 1_664_525) + 1_013_904_223;
            var value = ((state >> 8) * (1f / (1 << 24))) - 0.5f;
            if (type is ElementType.Float32) *(float*)(_start + at) = value;
            else *(ushort*)(_start + at) = type is ElementType.Float16 ? BitConverter.HalfToUInt16Bits((Half)value) : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        }
    }

    public long Length { get; }

    public Memory<byte> Segment(int index) => _pieces[index].Memory;

    /// <summary>Some of the bytes, wherever pieces begin.</summary>
    public Span<byte> Span(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new(_start + offset, checked((int)length));
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }

    private sealed class Piece(byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
