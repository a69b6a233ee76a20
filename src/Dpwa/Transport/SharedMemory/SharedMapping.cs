using System.Buffers;
using System.IO.MemoryMappedFiles;
using Dpwa.Snapshots;
using Microsoft.Win32.SafeHandles;

namespace Dpwa.Transport.SharedMemory;

/// <summary>A shared file in this process's memory: the board, then the snapshots. Who disposes it must know that nobody reads or writes any more.</summary>
internal sealed unsafe class SharedMapping : IDisposable
{
    private const int Page = 4096;

    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly long _stride;
    private readonly int _slots;
    private readonly long _payloadLength;

    /// <summary>Maps a file made for this layout and so many slots.</summary>
    public SharedMapping(SafeFileHandle handle, ParameterLayout layout, int slots)
    {
        (_slots, _payloadLength, _stride) = (slots, layout.PayloadLength, RoundUp(layout.PayloadLength));
        // Once it is mapped, the file need not be open: a reader holds no descriptor of its peer's.
        using var file = MemoryMappedFile.CreateFromFile(handle, mapName: null, LengthFor(layout, slots), MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public SharedBoard Board => new(_start);

    public static long LengthFor(ParameterLayout layout, int slots) => SnapshotOffset(layout, slots, SharedBoard.Snapshots);

    /// <summary>Where a snapshot starts in the file.</summary>
    public static long SnapshotOffset(ParameterLayout layout, int slots, int index) => RoundUp(SharedBoard.Size(slots)) + index * RoundUp(layout.PayloadLength);

    /// <summary>The memory of one snapshot.</summary>
    public PayloadBuffer Snapshot(int index)
    {
        byte* start = _start + RoundUp(SharedBoard.Size(_slots)) + index * _stride;
        return new PayloadBuffer(_payloadLength, (offset, count) => new Part(this, start + offset, count).Memory);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
    }

    private static long RoundUp(long length) => (length + (Page - 1)) & -Page;

    /// <summary>A part as memory. A mapping that is never disposed stays until the process ends: spans over it tell nobody when they are gone.</summary>
    private sealed class Part(SharedMapping mapping, byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex, pinnable: this);

        public override void Unpin() => GC.KeepAlive(mapping);

        protected override void Dispose(bool disposing)
        {
        }
    }
}
