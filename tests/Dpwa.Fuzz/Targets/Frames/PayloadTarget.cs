using System.Runtime.InteropServices;
using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Fuzz.Engine;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Fuzz.Targets.Frames;

/// <summary>
/// The parameters of a model in each codec. The first byte of an input is the codec, the second the size of the pieces it comes in. Promises: a payload passes exactly when each
/// of its values is finite, in whatever pieces it came; what has passed can be mixed, and the model is finite then; what was decoded is encoded to what decodes to the same.
/// </summary>
internal sealed class PayloadTarget : FuzzTarget
{
    private const int Before = 2;

    /// <summary>Every element type, both kinds, whole blocks of the codecs and parts of one.</summary>
    private static readonly ParameterLayout Layout = new(
    [
        new TensorInfo("blocks", [300], ElementType.Float32, TensorKind.Parameter),
        new TensorInfo("few", [3], ElementType.Float32, TensorKind.Parameter),
        new TensorInfo("variance", [2], ElementType.Float32, TensorKind.Statistic),
        new TensorInfo("double", [], ElementType.Float64, TensorKind.Parameter),
        new TensorInfo("brain", [5], ElementType.BFloat16, TensorKind.Parameter),
        new TensorInfo("half", [3], ElementType.Float16, TensorKind.Parameter),
    ]);

    public override string Name => "payloads";

    public override int Longest => Before + (int)Layout.PayloadLength;

    public override IReadOnlyList<byte[]> Words { get; } =
        [[0, 0, 0x80, 0x7F], [0, 0, 0xC0, 0xFF], [0xFF, 0xFF, 0x7F, 0x7F], [0, 0x7C], [0x80, 0x7F], [3, 2, 1, 0x7C], [4, 2, 1, 0x7C], [0x80, 0x80, 0x80, 0x80], [1, 0, 0, 0], [0, 0, 0x80, 0]];

    /// <summary>The model is the same, however short the input.</summary>
    public override long MostWork(int length) => 1_000_000;

    public override IEnumerable<byte[]> Seeds()
    {
        var snapshot = new Snapshot(Layout);
        for (int i = 0; i < snapshot.Length / sizeof(float); i++)
            MemoryMarshal.Write(snapshot.Segment(0).Span[(i * sizeof(float))..], 1f / (i + 1));
        foreach (PayloadCodec codec in Enum.GetValues<PayloadCodec>())
            yield return [(byte)codec, (byte)(codec == PayloadCodec.Native ? 0 : 7), .. Encoded(snapshot, codec)];
    }

    public override bool Check(byte[] input)
    {
        if (input.Length < Before)
            return false;
        var codec = (PayloadCodec)(input[0] % 4);
        EncodedLayout encoded = EncodedLayout.Of(Layout, codec);
        byte[] body = new byte[encoded.Length];
        input.AsSpan(Before..Math.Min(input.Length, Before + body.Length)).CopyTo(body);

        using var payload = new IncomingPayload(body.Length, Layout, giveBack: null, codec);
        PayloadFault fault = Receive(payload, body, input[1] == 0 ? int.MaxValue : input[1]);
        bool isFinite = Enumerable.Range(0, Layout.Tensors.Length).All(i => Values(body, encoded, i).All(double.IsFinite) && (encoded.CodecOf(i) != PayloadCodec.Int8 || HasScales(body, encoded, i)));
        Require(fault == (isFinite ? PayloadFault.None : PayloadFault.NotFinite), "what is not finite passes, or what is does not");
        if (!isFinite)
            return false;
        SameAgain(payload, encoded);
        Mixed(payload, codec);
        return true;
    }

    private static PayloadFault Receive(IncomingPayload payload, byte[] body, int piece)
    {
        int at = 0;
        while (payload.Next is { IsEmpty: false } next)
        {
            Coverage.Work();
            int count = Math.Min(next.Length, piece);
            body.AsSpan(at, count).CopyTo(next.Span);
            payload.Advance(count);
            at += count;
        }

        return payload.Complete(System.IO.Hashing.XxHash3.HashToUInt64(body));
    }

    /// <summary>Whether each scale is one that an encoder writes: no sign, and so small that 127 times it is finite.</summary>
    private static bool HasScales(byte[] body, EncodedLayout encoded, int index)
    {
        const int block = 4 + 128;
        for (long at = 0; at < encoded.ByteLength(index); at += block)
        {
            float scale = MemoryMarshal.Read<float>(body.AsSpan((int)(encoded.Offset(index) + at)));
            if (float.IsNegative(scale) || !float.IsFinite(127 * scale))
                return false;
        }

        return true;
    }

    /// <summary>The values of a tensor, one by one: not as the code under test looks at them.</summary>
    private static double[] Values(byte[] body, EncodedLayout encoded, int index)
    {
        TensorInfo tensor = Layout.Tensors[index];
        ReadOnlySpan<byte> bytes = body.AsSpan((int)encoded.Offset(index), (int)encoded.ByteLength(index));
        double[] values = new double[tensor.Elements];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (encoded.CodecOf(index), tensor.Type) switch
            {
                (PayloadCodec.Int8, _) => (sbyte)bytes[i / 128 * 132 + 4 + i % 128] * MemoryMarshal.Read<float>(bytes[(i / 128 * 132)..]),
                (PayloadCodec.BFloat16, _) or (_, ElementType.BFloat16) => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(bytes[(i * 2)..]) << 16),
                (PayloadCodec.Float16, _) or (_, ElementType.Float16) => (double)MemoryMarshal.Read<Half>(bytes[(i * 2)..]),
                (_, ElementType.Float64) => MemoryMarshal.Read<double>(bytes[(i * 8)..]),
                _ => MemoryMarshal.Read<float>(bytes[(i * 4)..]),
            };
        }

        return values;
    }

    /// <summary>Decoded into a snapshot and encoded again: 16 bits are the same bits, int8 is within a step of its block.</summary>
    private static void SameAgain(IPayload payload, EncodedLayout encoded)
    {
        var snapshot = new Snapshot(Layout);
        byte[] body = payload.Segment(0).ToArray();
        for (int i = 0; i < Layout.Tensors.Length; i++)
        {
            ReadOnlySpan<byte> from = body.AsSpan((int)encoded.Offset(i), (int)encoded.ByteLength(i));
            Span<byte> to = snapshot.Segment(0).Span.Slice((int)Layout.Offset(i), (int)Layout.Tensors[i].ByteLength);
            if (encoded.CodecOf(i) == PayloadCodec.Native)
                from.CopyTo(to);
            else
                PayloadCodecs.Decode(encoded.Codec, from, MemoryMarshal.Cast<byte, float>(to));
        }

        byte[] again = Encoded(snapshot, encoded.Codec);
        for (int i = 0; i < Layout.Tensors.Length; i++)
        {
            double[] first = Values(body, encoded, i);
            double[] second = Values(again, encoded, i);
            bool isInt8 = encoded.CodecOf(i) == PayloadCodec.Int8;
            for (int v = 0; v < first.Length; v++)
            {
                double step = isInt8 ? first.Skip(v / 128 * 128).Take(128).Max(Math.Abs) / 127 + 127 * 1.2e-38 : 0;
                Require(Math.Abs(first[v] - second[v]) <= step, "a decoded value is encoded to another");
            }
        }
    }

    private static void Mixed(IPayload payload, PayloadCodec codec)
    {
        var model = new ArrayModel(Layout);
        ModelUpdate.Mix(model, Layout, payload, own: null, 0.5, codec);
        Require(model.IsFinite(), "a model is not finite after it was mixed with what had passed");
    }

    private static byte[] Encoded(Snapshot snapshot, PayloadCodec codec)
    {
        var encoder = new PayloadEncoder();
        encoder.Begin(snapshot, EncodedLayout.Of(Layout, codec));
        using var bytes = new MemoryStream();
        while (encoder.Next() is { IsEmpty: false } piece)
            bytes.Write(piece.Span);
        return bytes.ToArray();
    }
}
