using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Tests.Support;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Tests.Transport.SharedMemory;

/// <summary>A publisher's snapshots, and readers of them that map the file a second time, as another process would.</summary>
[SupportedOSPlatform("linux")]
internal sealed class SharedScene : IDisposable
{
    public static readonly MessageHeader Request = Frames.Request(MessageType.Fetch, "reader");

    private readonly List<SharedReader> _readers = [];
    private ulong _sequence;

    public SharedScene(int length = 1000, int slots = 4)
    {
        Assert.SkipUnless(Memfd.IsSupported, "Shared memory is Linux's.");
        Layout = ParameterLayout.Flat(length);
        Memory = new SharedSnapshots(Layout, slots, TimeProvider.System);
        Store = new SnapshotStore(Layout, Memory);
    }

    public ParameterLayout Layout { get; }

    public SharedSnapshots Memory { get; }

    public SnapshotStore Store { get; }

    public static Span<float> Values(IPayload payload) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(payload.Segment(0).Span);

    /// <summary>Publishes a model whose every value, and whose clock, is this. Gives false when readers hold every other snapshot.</summary>
    public bool Publish(float value)
    {
        if (Store.TryWrite() is not { } snapshot)
            return false;
        Values(snapshot).Fill(value);
        (snapshot.Clock, snapshot.Sequence) = (value, ++_sequence);
        Store.Published(snapshot);
        return true;
    }

    public (SharedReader Reader, SharedGrant Grant) Reader()
    {
        SharedGrant grant = Memory.TryGrant()!;
        SharedReader reader = Open(Memory.Ticket(grant), out string problem) ?? throw new InvalidOperationException(problem);
        _readers.Add(reader);
        return (reader, grant);
    }

    public SharedReader? Open(SharedTicket ticket, out string problem) =>
        SharedReader.TryOpen(Frames.Request(MessageType.Map, "publisher"), ticket.Encode(), Layout, TimeProvider.System, out problem);

    /// <summary>The publisher's board, where a test plays what others wrote.</summary>
    public SharedBoard Board(SharedGrant grant) => BoardOf(grant);

    public void Dispose()
    {
        foreach (SharedReader reader in _readers)
        {
            reader.Dispose();
            reader.Close(new Nothing());
        }

        Store.Dispose();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_board")]
    private static extern ref SharedBoard BoardOf(SharedGrant grant);

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
