using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Tests.Support;
using Dpwa.Transport;

namespace Dpwa.Tests.Transport;

/// <summary>What the reader of frames makes of every kind of bytes, whatever carries them.</summary>
public class FrameReadingTests
{
    private static readonly ParameterLayout Layout = ParameterLayout.Flat(5);
    private static readonly MessageHeader Header = Frames.Request(MessageType.Snapshot, "w1");
    private static readonly byte[] Frame = Frames.Of(Header, Frames.Payload(1, 2, 3, 4, 5));

    /// <summary>PEERS: "a header split in two removes a peer".</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(127)]
    [InlineData(129)]
    public async Task A_frame_in_pieces_of_any_size_is_read(int pieceSize)
    {
        var receiver = new TestReceiver(layout: Layout);
        var connection = new MemoryConnection([.. Frame, .. Frame], pieceSize);
        for (int i = 0; i < 2; i++)
        {
            Message message = await connection.ReceiveAsync(receiver);
            Assert.Equal(Frames.Payload(1, 2, 3, 4, 5), message.Body!.Segment(0).ToArray());
            message.Release();
        }

        Assert.Equal((0, 2), (connection.Left, receiver.Returned));
        Assert.Equal(pieceSize < MessageHeader.Size, receiver.Partials > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task A_frame_is_written_whole_when_the_stream_takes_pieces(int pieceSize)
    {
        var connection = new MemoryConnection([], pieceSize);
        await connection.SendAsync(Message.With(Header, new CountedBody(Frames.Payload(1, 2, 3, 4, 5))));
        Assert.Equal(Frame, connection.Output);
    }

    [Theory]
    [InlineData(0, FailureKind.Closed)]
    [InlineData(1, FailureKind.Broken)]
    [InlineData(127, FailureKind.Broken)]
    [InlineData(128, FailureKind.Broken)]
    [InlineData(150, FailureKind.Broken)]
    [InlineData(-1, FailureKind.Broken)]
    public async Task A_stream_that_ends_within_a_message_is_told_from_one_that_ends_between(int length, FailureKind expected)
    {
        var receiver = new TestReceiver(layout: Layout);
        byte[] bytes = Frame[..(length < 0 ? Frame.Length + length : length)];
        Assert.Equal(expected, await FailureOf(bytes, receiver));
        Assert.Equal(receiver.Asked.Count, receiver.Returned);
    }

    [Fact]
    public async Task Every_damaged_byte_of_the_body_or_its_checksum_is_noticed_and_the_memory_given_back()
    {
        for (int i = MessageHeader.Size; i < Frame.Length; i++)
        {
            var receiver = new TestReceiver(layout: Layout);
            byte[] damaged = [.. Frame];
            damaged[i] ^= 0x10;
            Assert.Equal(FailureKind.Checksum, await FailureOf(damaged, receiver));
            Assert.Equal(1, receiver.Returned);
        }
    }

    [Fact]
    public async Task Every_damaged_byte_of_the_header_is_noticed_before_anything_is_asked_for()
    {
        for (int i = 0; i < MessageHeader.Size; i++)
        {
            var receiver = new TestReceiver(layout: Layout);
            byte[] damaged = [.. Frame];
            damaged[i] ^= 0x10;
            Assert.Equal(i < 5 ? FailureKind.Protocol : FailureKind.Checksum, await FailureOf(damaged, receiver));
            Assert.Empty(receiver.Asked);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public async Task A_value_that_is_not_finite_is_noticed_at_every_place_and_in_every_split(float value)
    {
        for (int place = 0; place < 5; place++)
        {
            float[] values = [1, 2, 3, 4, 5];
            values[place] = value;
            byte[] frame = Frames.Of(Header, Frames.Payload(values));
            foreach (int pieceSize in new[] { 1, 3, 9, 1000 })
                Assert.Equal(FailureKind.NotFinite, await FailureOf(frame, new TestReceiver(layout: Layout), pieceSize));
        }
    }

    [Fact]
    public async Task The_bytes_between_tensors_are_not_judged_as_numbers()
    {
        byte[] payload = Frames.Payload(1, 2, 3, 4, 5);
        payload.AsSpan(20).Fill(0xFF);
        Message message = await new MemoryConnection(Frames.Of(Header, payload)).ReceiveAsync(new TestReceiver(layout: Layout));
        Assert.Equal(64, message.Body!.Length);
    }

    [Fact]
    public async Task Another_version_is_named_in_the_text()
    {
        byte[] other = Frames.Changed(Frame, bytes => bytes[4] = 9);
        TransportException e = await Assert.ThrowsAsync<TransportException>(() => new MemoryConnection(other).ReceiveAsync(new TestReceiver()).AsTask());
        Assert.Contains("version 9", e.Failure.Text, StringComparison.Ordinal);
    }

    private static async Task<FailureKind> FailureOf(byte[] bytes, TestReceiver receiver, int pieceSize = int.MaxValue) =>
        (await Assert.ThrowsAsync<TransportException>(() => new MemoryConnection(bytes, pieceSize).ReceiveAsync(receiver).AsTask())).Failure.Kind;
}
