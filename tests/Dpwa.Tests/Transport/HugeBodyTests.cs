using System.IO.Hashing;
using Dpwa.Protocol;
using Dpwa.Tests.Support;
using Dpwa.Transport;

namespace Dpwa.Tests.Transport;

/// <summary>PEERS: "4 GiB limit". A body beyond it that takes no memory: all its whole segments are one array that nobody writes to.</summary>
public class HugeBodyTests
{
    private const long Length = 4L * IPayload.SegmentSize + 192;

    [Theory]
    [InlineData(0, 100, 0, 100)]
    [InlineData((1L << 32) - 10, 100, IPayload.SegmentSize - 10, 10)]
    [InlineData(1L << 32, 100, 0, 100)]
    [InlineData((1L << 32) + 150, 100, 150, 42)]
    [InlineData(0, Length, 0, IPayload.SegmentSize)]
    public void A_piece_is_found_by_its_64_bit_offset(long offset, long length, int start, int count)
    {
        using var body = new HugeBody();
        Memory<byte> segment = body.Segment((int)(offset >> 30));
        Assert.True(segment.Slice(start, count).Equals(body.Piece(offset, length)));
    }

    [Fact(Timeout = 120_000)]
    public async Task It_is_framed_whole_with_its_64_bit_length_and_the_checksum_of_all_of_it()
    {
        using var connection = new CountingConnection();
        var body = new HugeBody();
        MessageHeader sent = Frames.Request(MessageType.Snapshot, "w1") with { BodyLength = (ulong)Length };
        await connection.SendAsync(Message.With(sent, body));
        Assert.Equal(MessageHeader.Size + Length + MessageHeader.TrailerSize, connection.Count);
        Assert.Equal(connection.Count, connection.Sent);
        Assert.Equal(1, body.Disposals);
        Assert.Equal(HeaderFault.None, MessageHeader.TryRead(connection.First, out MessageHeader header));
        Assert.Equal(sent, header);

        var hash = new XxHash3();
        for (int i = 0; i < 5; i++)
            hash.Append(body.Segment(i).Span);
        Assert.Equal(hash.GetCurrentHashAsUInt64(), BitConverter.ToUInt64(connection.Last));
    }

    private sealed class HugeBody : IPayload
    {
        private readonly byte[] _whole = GC.AllocateUninitializedArray<byte>(IPayload.SegmentSize);
        private readonly byte[] _rest = [.. Enumerable.Range(0, (int)(HugeBodyTests.Length % IPayload.SegmentSize)).Select(i => (byte)i)];

        public int Disposals { get; private set; }

        public long Length => HugeBodyTests.Length;

        public Memory<byte> Segment(int index) => index < 4 ? _whole : index == 4 ? _rest : throw new ArgumentOutOfRangeException(nameof(index));

        public void Dispose() => Disposals++;
    }

    /// <summary>Takes everything, and keeps the frame's beginning and end.</summary>
    private sealed class CountingConnection : FramedConnection
    {
        public long Count { get; private set; }

        public byte[] First { get; } = new byte[MessageHeader.Size];

        public byte[] Last { get; private set; } = [];

        public override string Remote => "nobody";

        public override void FinishSending()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }

        protected override ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
        {
            if (Count < First.Length)
                bytes.Span[..(int)Math.Min(bytes.Length, First.Length - Count)].CopyTo(First.AsSpan((int)Count));
            Last = bytes.Length == MessageHeader.TrailerSize ? bytes.ToArray() : Last;
            Count += bytes.Length;
            return new(bytes.Length);
        }

        protected override ValueTask<int> ReceiveAsync(Memory<byte> bytes) => throw new NotSupportedException();
    }
}
