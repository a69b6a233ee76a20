using System.IO.Hashing;
using CsCheck;
using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Snapshots;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Codecs;

/// <summary>Encoded payloads: where the tensors are, how they leave and how they arrive.</summary>
public class CodecPayloadTests
{
    public static TheoryData<PayloadCodec> Lossy => [.. CodecValues.Lossy];

    public static TheoryData<PayloadCodec> All => [.. Enum.GetValues<PayloadCodec>()];

    [Fact]
    public void The_native_layout_is_the_models_own()
    {
        EncodedLayout native = EncodedLayout.Of(CodecModel.Layout, PayloadCodec.Native);
        Assert.Equal(CodecModel.Layout.PayloadLength, native.Length);
        for (int i = 0; i < CodecModel.Layout.Tensors.Length; i++)
            Assert.Equal((CodecModel.Layout.Offset(i), CodecModel.Layout.Tensors[i].ByteLength), (native.Offset(i), native.ByteLength(i)));
        Assert.Same(native, EncodedLayout.Of(CodecModel.Layout, PayloadCodec.Native));
    }

    [Fact]
    public void Only_parameters_of_float32_are_encoded_and_every_tensor_starts_at_a_multiple_of_64()
    {
        EncodedLayout layout = EncodedLayout.Of(CodecModel.Layout, PayloadCodec.Int8);
        Assert.Equal([7, 280, 1032, 18, 56, 264, 4], Enumerable.Range(0, 7).Select(layout.ByteLength));
        Assert.Equal([0, 64, 384, 1472, 1536, 1600, 1920], Enumerable.Range(0, 7).Select(layout.Offset));
        Assert.Equal(1984, layout.Length);
        Assert.Equal(
            [PayloadCodec.Int8, PayloadCodec.Native, PayloadCodec.Int8, PayloadCodec.Native, PayloadCodec.Native, PayloadCodec.Int8, PayloadCodec.Native],
            Enumerable.Range(0, 7).Select(layout.CodecOf));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Pieces_of_every_size_are_together_what_is_encoded_in_one(PayloadCodec codec)
    {
        VirtualModel model = CodecModel.Filled(1);
        using Snapshot snapshot = CodecModel.Published(model);
        byte[] expected = CodecModel.Payload(model, codec);
        Assert.Equal(expected.Length, EncodedLayout.Of(CodecModel.Layout, codec).Length);
        for (int capacity = 132; capacity < expected.Length + 10; capacity += capacity < 700 ? 1 : 61)
        {
            var encoder = new PayloadEncoder(capacity);

            // Twice: what was left of the first run must not matter.
            for (int run = 0; run < 2; run++)
            {
                var bytes = new List<byte>();
                encoder.Begin(snapshot, EncodedLayout.Of(CodecModel.Layout, codec));
                while (encoder.Next() is { IsEmpty: false } piece)
                {
                    Assert.InRange(piece.Length, 1, capacity);
                    bytes.AddRange(piece.Span);
                }

                Assert.Equal(expected, bytes);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_snapshot_is_sent_encoded_and_received_as_it_was_sent_whatever_the_pieces(PayloadCodec codec)
    {
        VirtualModel model = CodecModel.Filled(2);
        Snapshot snapshot = CodecModel.Published(model);
        byte[] expected = CodecModel.Payload(model, codec);
        MessageHeader header = Frames.Request(MessageType.Snapshot, "w1") with { Codec = codec, BodyLength = (ulong)expected.Length };
        var sender = new MemoryConnection([], pieceSize: 1000);
        await sender.SendAsync(new Message(header, snapshot));
        Assert.False(snapshot.IsLeased);
        Assert.Equal(Frames.Of(header, expected), sender.Output);

        foreach (int pieceSize in (int[])[1, 3, 64, 131, 133, 1000, int.MaxValue])
        {
            var receiver = new MemoryConnection([.. sender.Output], pieceSize);
            Message message = await receiver.ReceiveAsync(new TestReceiver(layout: CodecModel.Layout));
            Assert.Equal(header, message.Header);
            Assert.Equal(expected, CodecModel.Read(message.Body!));
        }
    }

    [Theory]
    [MemberData(nameof(Lossy))]
    public void What_is_not_finite_is_found_at_every_place_however_it_arrives(PayloadCodec codec) =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 1000], Gen.Int[1, 300], Gen.Bool).Sample((tensor, element, step, infinite) =>
        {
            byte[] sent = CodecModel.Payload(CodecModel.Filled(3), codec);
            EncodedLayout layout = EncodedLayout.Of(CodecModel.Layout, codec);
            TensorInfo info = CodecModel.Layout.Tensors[tensor];
            element %= (int)info.Elements;
            Span<byte> at = sent.AsSpan((int)layout.Offset(tensor));
            switch (layout.CodecOf(tensor) == PayloadCodec.Native ? info.Type : (object)codec)
            {
                case ElementType.Float32: BitConverter.TryWriteBytes(at[(element * 4)..], infinite ? float.NegativeInfinity : float.NaN); break;
                case ElementType.Float64: BitConverter.TryWriteBytes(at[(element * 8)..], infinite ? double.NegativeInfinity : double.NaN); break;
                case ElementType.Float16 or PayloadCodec.Float16: BitConverter.TryWriteBytes(at[(element * 2)..], infinite ? Half.NegativeInfinity : Half.NaN); break;
                case PayloadCodec.BFloat16: BitConverter.TryWriteBytes(at[(element * 2)..], (ushort)(infinite ? 0xFF80 : 0x7FC0)); break;
                default: BitConverter.TryWriteBytes(at[(element / 128 * 132)..], infinite ? float.PositiveInfinity : (element % 2 == 0 ? float.NaN : -1f)); break;
            }

            Assert.Equal(PayloadFault.NotFinite, Receive(codec, sent, step));
        });

    [Theory]
    [MemberData(nameof(Lossy))]
    public void What_is_finite_is_admitted_however_it_arrives(PayloadCodec codec) =>
        Gen.Select(Gen.Int[1, 5000], Gen.Int[1, 50]).Sample((step, seed) =>
            Assert.Equal(PayloadFault.None, Receive(codec, CodecModel.Payload(CodecModel.Filled(seed), codec), step)), iter: 50);

    [Fact]
    public void Each_codec_has_a_buffer_of_its_own_that_is_used_again()
    {
        var buffers = new ReceiveBuffers();
        IncomingPayload native = buffers.Rent(CodecModel.Layout), small = buffers.Rent(CodecModel.Layout, PayloadCodec.Int8);
        Assert.Equal((CodecModel.Layout.PayloadLength, 1984), (native.Length, small.Length));
        native.Dispose();
        small.Dispose();
        Assert.Same(small, buffers.Rent(CodecModel.Layout, PayloadCodec.Int8));
        Assert.Same(native, buffers.Rent(CodecModel.Layout));
        Assert.NotSame(small, buffers.Rent(CodecModel.Layout, PayloadCodec.Int8));
    }

    /// <summary>A block that lies across the end of a segment of 1 GiB. Only the pages at the end are ever touched.</summary>
    [Fact]
    public void A_block_across_the_end_of_a_segment_is_read_whole()
    {
        var payload = new TwoSegments();
        payload.Segment(0).Span[^10..].Fill(1);
        payload.Segment(1).Span[..200].Fill(2);
        byte[] scratch = new byte[WholeUnits.Longest];
        const long end = IPayload.SegmentSize;

        Assert.Equal([.. Enumerable.Repeat((byte)1, 10), .. Enumerable.Repeat((byte)2, 122)], payload.Whole(end - 10, 200, 132, scratch).ToArray());
        Assert.Equal([.. Enumerable.Repeat((byte)1, 10), .. Enumerable.Repeat((byte)2, 40)], payload.Whole(end - 10, 50, 132, scratch).ToArray());
        Assert.Equal(264, payload.Whole(end - 300, 1000, 132, scratch).Length);
        Assert.Equal(300, payload.Whole(end - 300, 300, 132, scratch).Length);
        Assert.Equal(132, payload.Whole(end, 132, 132, scratch).Length);
    }

    /// <summary>Values of a tensor that lies across that end, as a step that needs several sources at the same place reads them.</summary>
    [Theory]
    [InlineData(PayloadCodec.Native)]
    [InlineData(PayloadCodec.BFloat16)]
    [InlineData(PayloadCodec.Float16)]
    [InlineData(PayloadCodec.Int8)]
    public void Values_across_the_end_of_a_segment_are_decoded_whole(PayloadCodec codec)
    {
        float[] values = CodecValues.Parameters(600, seed: 1);
        byte[] encoded = CodecValues.Encode(codec, values);
        var payload = new TwoSegments();
        foreach (int before in (int[])[0, 4, 64, 320, 500])
        {
            encoded.AsSpan(0, before).CopyTo(payload.Segment(0).Span[^before..]);
            encoded.AsSpan(before).CopyTo(payload.Segment(1).Span);
            var tensor = new DecodedTensor(payload, IPayload.SegmentSize - before, codec);
            float[] expected = CodecValues.Decode(codec, encoded, 600), scratch = new float[512];
            foreach ((int first, int count) in ((int, int)[])[(0, 512), (128, 256), (512, 88)])
                Assert.Equal(expected.AsSpan(first, count), tensor.Read(first, count, scratch));
        }
    }

    private static PayloadFault Receive(PayloadCodec codec, byte[] sent, int step)
    {
        var incoming = new IncomingPayload(sent.Length, CodecModel.Layout, giveBack: null, codec);
        for (int at = 0; at < sent.Length;)
        {
            int count = Math.Min(Math.Min(step, sent.Length - at), incoming.Next.Length);
            sent.AsSpan(at, count).CopyTo(incoming.Next.Span);
            incoming.Advance(count);
            at += count;
        }

        return incoming.Complete(XxHash3.HashToUInt64(sent));
    }

    private sealed class TwoSegments : IPayload
    {
        private readonly byte[] _first = GC.AllocateUninitializedArray<byte>(IPayload.SegmentSize);
        private readonly byte[] _second = new byte[4096];

        public long Length => _first.Length + _second.Length;

        public Memory<byte> Segment(int index) => index == 0 ? _first : _second;

        public void Dispose()
        {
        }
    }
}
