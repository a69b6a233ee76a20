using System.IO.Hashing;
using CsCheck;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Tests.Snapshots;

public class SnapshotTests
{
    private static readonly ParameterLayout Layout = new([
        new("a", [3], ElementType.Float32, TensorKind.Parameter),
        new("b", [5], ElementType.Float16, TensorKind.Parameter),
        new("c", [7], ElementType.Float64, TensorKind.Statistic),
        new("d", [9], ElementType.BFloat16, TensorKind.Parameter)]);

    [Fact]
    public void A_leased_snapshot_is_never_given_out_to_write()
    {
        var store = new SnapshotStore(Layout);
        Snapshot first = store.TryWrite()!;
        store.Published(first);
        first.Lease();
        Snapshot second = store.TryWrite()!;
        Assert.NotSame(first, second);
        store.Published(second);
        second.Lease();
        Snapshot third = store.TryWrite()!;
        Assert.True(third != first && third != second);
        store.Published(third);
        third.Lease();
        Snapshot fourth = store.TryWrite()!;
        Assert.True(fourth != first && fourth != second && fourth != third);
        store.Published(fourth);
        Assert.Null(store.TryWrite());
        first.Dispose();
        Assert.Same(first, store.TryWrite());
    }

    [Fact]
    public void One_reader_that_never_lets_go_does_not_stop_the_publishing()
    {
        var store = new SnapshotStore(Layout);
        store.Published(store.TryWrite()!.Lease());
        for (int i = 0; i < 5; i++)
        {
            Snapshot next = store.TryWrite()!;
            Assert.False(next.IsLeased);
            store.Published(next);
        }
    }

    [Fact]
    public void Giving_a_lease_back_twice_is_a_bug_that_shows()
    {
        Snapshot snapshot = new(Layout);
        snapshot.Lease().Dispose();
        Assert.Throws<InvalidOperationException>(snapshot.Dispose);
    }

    [Fact]
    public void A_payload_in_pieces_of_any_size_arrives_whole_and_verified() =>
        Gen.Int[1, 300].Sample(step =>
        {
            byte[] sent = Payload(new Random(step));
            var incoming = new IncomingPayload(Layout.PayloadLength, Layout, giveBack: null);
            Receive(incoming, sent, step);
            Assert.Equal(PayloadFault.None, incoming.Complete(XxHash3.HashToUInt64(sent)));
            Assert.Equal(sent, incoming.Piece(0, sent.Length).ToArray());
        });

    [Fact]
    public void A_value_that_is_not_finite_is_found_in_every_tensor_at_every_place_however_it_arrives() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 8], Gen.Int[1, 300], Gen.Bool).Sample((tensor, element, step, infinite) =>
        {
            TensorInfo info = Layout.Tensors[tensor];
            element %= (int)info.Elements;
            byte[] sent = Payload(new Random(1));
            Span<byte> value = sent.AsSpan((int)Layout.Offset(tensor) + element * info.Type.Size(), info.Type.Size());
            switch (info.Type)
            {
                case ElementType.Float32: BitConverter.TryWriteBytes(value, infinite ? float.NegativeInfinity : float.NaN); break;
                case ElementType.Float64: BitConverter.TryWriteBytes(value, infinite ? double.PositiveInfinity : double.NaN); break;
                case ElementType.Float16: BitConverter.TryWriteBytes(value, infinite ? Half.PositiveInfinity : Half.NaN); break;
                default: BitConverter.TryWriteBytes(value, (ushort)(infinite ? 0xFF80 : 0x7FC0)); break;
            }

            var incoming = new IncomingPayload(Layout.PayloadLength, Layout, giveBack: null);
            Receive(incoming, sent, step);
            Assert.Equal(PayloadFault.NotFinite, incoming.Complete(XxHash3.HashToUInt64(sent)));
        });

    [Fact]
    public void A_wrong_checksum_or_a_short_body_is_a_fault()
    {
        byte[] sent = Payload(new Random(1));
        var incoming = new IncomingPayload(Layout.PayloadLength, Layout, giveBack: null);
        Receive(incoming, sent, 64);
        Assert.Equal(PayloadFault.Checksum, incoming.Complete(XxHash3.HashToUInt64(sent) + 1));

        var shorter = new IncomingPayload(Layout.PayloadLength, Layout, giveBack: null);
        Receive(shorter, sent.AsSpan(0, 100), 64);
        Assert.Equal(PayloadFault.Checksum, shorter.Complete(XxHash3.HashToUInt64(sent.AsSpan(0, 100))));
    }

    [Fact]
    public void The_buffer_of_an_exchange_that_still_runs_is_not_given_to_another()
    {
        var buffers = new ReceiveBuffers();
        IncomingPayload first = buffers.Rent(Layout);
        IncomingPayload second = buffers.Rent(Layout);
        Assert.NotSame(first, second);
        first.Dispose();
        first.Dispose();
        Assert.Same(first, buffers.Rent(Layout));
        second.Dispose();
        Assert.Same(second, buffers.Rent(Layout));
    }

    private static byte[] Payload(Random random)
    {
        // Small integers are finite in every type, and their bytes differ.
        byte[] bytes = new byte[Layout.PayloadLength];
        for (int t = 0; t < Layout.Tensors.Length; t++)
        {
            for (int i = 0; i < Layout.Tensors[t].ByteLength; i++)
                bytes[(int)Layout.Offset(t) + i] = (byte)random.Next(0x38);
        }

        return bytes;
    }

    private static void Receive(IncomingPayload incoming, ReadOnlySpan<byte> bytes, int step)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(Math.Min(step, bytes.Length), incoming.Next.Length);
            bytes[..count].CopyTo(incoming.Next.Span);
            incoming.Advance(count);
            bytes = bytes[count..];
        }
    }
}
