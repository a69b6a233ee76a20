using static System.Buffers.Binary.BinaryPrimitives;

namespace Dpwa.Transport.SharedMemory;

/// <summary>What a node tells who asks for its shared memory: where it is, and which slot is the asker's. The body of a Map message.</summary>
/// <param name="Process">The process that holds the file open.</param>
/// <param name="Descriptor">The file's number there.</param>
/// <param name="Nonce">The number that the file has on its board.</param>
/// <param name="Generation">Tells this use of the slot from earlier ones.</param>
/// <param name="Slot">The asker's slot.</param>
/// <param name="Slots">The number of slots on the board.</param>
internal readonly record struct SharedTicket(int Process, int Descriptor, ulong Nonce, ulong Generation, int Slot, int Slots)
{
    /// <summary>Bytes of an encoded ticket.</summary>
    public const int Size = 32;

    public byte[] Encode()
    {
        byte[] bytes = new byte[Size];
        WriteInt32LittleEndian(bytes, Process);
        WriteInt32LittleEndian(bytes.AsSpan(4), Descriptor);
        WriteUInt64LittleEndian(bytes.AsSpan(8), Nonce);
        WriteUInt64LittleEndian(bytes.AsSpan(16), Generation);
        WriteInt32LittleEndian(bytes.AsSpan(24), Slot);
        WriteInt32LittleEndian(bytes.AsSpan(28), Slots);
        return bytes;
    }

    /// <summary>Reads a ticket from untrusted bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out SharedTicket ticket)
    {
        ticket = default;
        if (bytes.Length != Size)
            return false;
        ticket = new(
            ReadInt32LittleEndian(bytes), ReadInt32LittleEndian(bytes[4..]), ReadUInt64LittleEndian(bytes[8..]), ReadUInt64LittleEndian(bytes[16..]),
            ReadInt32LittleEndian(bytes[24..]), ReadInt32LittleEndian(bytes[28..]));
        return ticket is { Process: > 0, Descriptor: >= 0, Slot: >= 0, Slots: > 0 and <= SharedBoard.MostSlots }
            && ticket.Slot < ticket.Slots && ticket.Generation is > 0 and < SharedBoard.MostGenerations;
    }
}
