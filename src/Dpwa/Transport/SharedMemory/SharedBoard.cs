using System.Runtime.CompilerServices;
using Dpwa.Snapshots;

namespace Dpwa.Transport.SharedMemory;

/// <summary>
/// What stands before the snapshots in a shared file; <c>docs/protocol.md</c> has it byte by byte. The publisher writes everything but the slots; each reader
/// writes its slot only. Each word is read and written as a whole, and those that are written often have a cache line of their own.
/// </summary>
internal readonly unsafe struct SharedBoard(byte* start)
{
    /// <summary>The number of snapshots in a file.</summary>
    public const int Snapshots = SnapshotStore.Count;

    /// <summary>More readers than this at once read over TCP.</summary>
    public const int MostSlots = 1024;

    private const int Line = 64;
    private const int PublishedOffset = 1 * Line;
    private const int HeadersOffset = 2 * Line;
    private const int SlotsOffset = 8 * Line;
    private const int LeaseBits = 8;

    // Linux's process ids end at 2^22.
    private const int ProcessBits = 24;

    /// <summary>Generations are below this.</summary>
    public const ulong MostGenerations = 1UL << (64 - ProcessBits);

    /// <summary>A random number that only this file has: who reads it here reads the file that was meant.</summary>
    public ref ulong Nonce => ref Word(8);

    /// <summary>Which snapshot is published: its sequence · 256 + its index + 1; 0 before the first.</summary>
    public ref ulong Published => ref Word(PublishedOffset);

    /// <summary>Which snapshot is kept for a reader although another may be published; 0 for none.</summary>
    public ref ulong Pinned => ref Word(PublishedOffset + sizeof(ulong));

    public static long Size(int slots) => SlotsOffset + (long)slots * Line;

    /// <summary>What travels with a snapshot. Written before it is published, and like it not while it is leased.</summary>
    public ref SharedHeader Header(int index) => ref Unsafe.AsRef<SharedHeader>(start + HeadersOffset + index * Line);

    /// <summary>A reader's word: the generation that the slot was given to it with · 256 + the index of the snapshot that it holds + 1, or 0.</summary>
    public ref ulong Slot(int slot) => ref Word(SlotsOffset + slot * Line);

    /// <summary>The reader's process, beside its word: whether it still lives decides about a lease that nobody gives back. With the generation, so that a late
    /// reader of the slot is not taken for the present one.</summary>
    public ref ulong Reader(int slot) => ref Word(SlotsOffset + slot * Line + sizeof(ulong));

    public static ulong ReaderOf(ulong generation, int process) => (generation << ProcessBits) | (uint)process;

    public static bool IsReaderOf(ulong generation, ulong word, out int process)
    {
        process = (int)(word & ((1 << ProcessBits) - 1));
        return word >> ProcessBits == generation && process > 0;
    }

    public static ulong Publication(ulong sequence, int index) => (sequence << LeaseBits) | (uint)(index + 1);

    /// <summary>The sequence of a publication.</summary>
    public static ulong SequenceOf(ulong publication) => publication >> LeaseBits;

    public static ulong Idle(ulong generation) => generation << LeaseBits;

    public static ulong Leased(ulong generation, int index) => (generation << LeaseBits) | (uint)(index + 1);

    /// <summary>The index of a publication or a lease; −1 for none.</summary>
    public static int IndexOf(ulong word) => (int)(word & 0xFF) - 1;

    private ref ulong Word(int offset) => ref Unsafe.AsRef<ulong>(start + offset);
}

/// <summary>What travels with a shared snapshot, as the message header's fields of the same names.</summary>
internal struct SharedHeader
{
    public ulong Sequence;
    public double Clock;
    public double Loss;
    public double Weight;
    public ulong Round;

    /// <summary>When it was published, in ticks of the monotonic clock, which is the same in every process of a host.</summary>
    public long PublishedAt;
}
