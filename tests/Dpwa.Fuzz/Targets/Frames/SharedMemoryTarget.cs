using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dpwa.Fuzz.Engine;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Fuzz.Targets.Frames;

/// <summary>
/// A ticket to shared memory, and a board on which the other side has written anything: as the publisher to whom reads there, as a reader to the publisher. An input is a byte that
/// says what of the ticket is right, a ticket, and what is written on the board. Promises: only the memory that was meant is read; every request gets a snapshot or a refusal;
/// neither side throws, and the memory goes.
/// </summary>
internal sealed class SharedMemoryTarget : FuzzTarget
{
    private const int Slots = 4, NothingIsRight = 0, NonceIsRight = 1, AllIsRight = 2, Board = 1 + SharedTicket.Size;

    private static readonly ParameterLayout Layout = ParameterLayout.Flat(16);
    private static readonly MessageHeader Request = new() { Type = MessageType.Fetch, Sender = 1, Receiver = 2, Request = 9, Weight = 1 };

    public override string Name => "shared-memory";

    public override bool IsSupported => Memfd.IsSupported;

    public override int Longest => Board + 768;

    public override IReadOnlyList<byte[]> Words { get; } = [[1, 1, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0], [2, 1, 0, 0, 0, 0, 0, 0], [4, 1, 0, 0, 0, 0, 0, 0], [3, 2, 0, 0, 0, 0, 0, 0]];

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] ticket = new SharedTicket(1, 2, 3, 4, 1, Slots).Encode();
        yield return [NothingIsRight, .. ticket];
        yield return [NonceIsRight, .. ticket];
        yield return [AllIsRight, .. ticket];
        byte[] board = new byte[768];
        for (int at = 0; at < board.Length; at += 64)
            board[at] = board[at + 1] = 1;
        yield return [AllIsRight, .. ticket, .. board];
    }

    public override bool Check(byte[] input)
    {
        if (!OperatingSystem.IsLinux() || input.Length < Board)
            return false;
        bool isTicket = SharedTicket.TryDecode(input.AsSpan(1, SharedTicket.Size), out SharedTicket ticket);
        Require(!isTicket || ticket.Encode().AsSpan().SequenceEqual(input.AsSpan(1, SharedTicket.Size)), "a ticket is not written as it was read");
        Require(!SharedTicket.TryDecode(input, out _) || input.Length == SharedTicket.Size, "a ticket of another length is read");
        return (isTicket || input[0] % 3 == AllIsRight) && Read(input, ticket);
    }

    [SupportedOSPlatform("linux")]
    private static bool Read(byte[] input, SharedTicket ticket)
    {
        using var memory = new SharedSnapshots(Layout, Slots, TimeProvider.System);
        var store = new SnapshotStore(Layout, memory);
        Publish(store, 1);
        SharedGrant grant = memory.TryGrant()!;
        SharedTicket right = memory.Ticket(grant);

        // Never another process or file than this one's: what is there is no test's to open.
        ticket = (input[0] % 3) switch
        {
            AllIsRight => right,
            NonceIsRight => ticket with { Process = right.Process, Descriptor = right.Descriptor, Nonce = right.Nonce },
            _ => ticket with { Process = right.Process, Descriptor = right.Descriptor },
        };
        SharedReader? reader = SharedReader.TryOpen(Request with { Type = MessageType.Map }, ticket.Encode(), Layout, TimeProvider.System, out string problem);
        Require(reader is null || (ticket.Nonce == right.Nonce && SharedMapping.LengthFor(Layout, ticket.Slots) == SharedMapping.LengthFor(Layout, Slots)), "memory is read that was not meant");
        if (reader is null)
        {
            ForPeople.Check(problem);
            return false;
        }

        Write(right, input.AsSpan(Board));
        bool isServed = Ask(reader, Request) | Ask(reader, Request with { Sequence = 1 });
        Publish(store, 2);
        isServed |= Ask(reader, Request);
        using var closed = new Closed();
        reader.Close(closed);
        Require(closed.IsClosed, "a reader that holds nothing does not close");
        grant.Close();
        for (int i = 0; i < 2 * Slots; i++)
            memory.TryGrant()?.Close();
        return isServed;
    }

    private static void Publish(SnapshotStore store, ulong sequence)
    {
        // Null is an answer too: who holds a lease is not written over.
        if (store.TryWrite() is not { } snapshot)
            return;
        snapshot.Sequence = sequence;
        store.Published(snapshot);
    }

    private static bool Ask(SharedReader reader, in MessageHeader request)
    {
        Message answer = reader.Fetch(request);
        Require(answer.Header.Request == request.Request && answer.Header.Type is MessageType.Snapshot or MessageType.Refusal, "a request is not answered");
        Require(answer.Body is null == (answer.Header.Type == MessageType.Refusal), "a snapshot has no body, or a refusal has one");
        if (answer.Body is { } body)
        {
            Require(body.Length == Layout.PayloadLength && body.Segment(0).Length == Layout.PayloadLength, "a snapshot has another length");
            _ = body.Segment(0).Span[^1];
        }

        answer.Release();
        return answer.Header.Type == MessageType.Snapshot;
    }

    /// <summary>Everything behind the nonce: what is published, the headers, the slots.</summary>
    [SupportedOSPlatform("linux")]
    private static void Write(SharedTicket ticket, ReadOnlySpan<byte> bytes)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = Memfd.Open(ticket.Process, ticket.Descriptor, SharedMapping.LengthFor(Layout, Slots));
        using var mapping = new SharedMapping(file, Layout, Slots);
        Span<byte> board = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref mapping.Board.Nonce, 7), (int)SharedBoard.Size(Slots) / sizeof(ulong) - 8));
        bytes[..Math.Min(bytes.Length, board.Length)].CopyTo(board);
    }

    private sealed class Closed : IDisposable
    {
        public bool IsClosed { get; private set; }

        public void Dispose() => IsClosed = true;
    }
}
