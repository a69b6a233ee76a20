using System.Runtime.InteropServices;
using CsCheck;
using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa.Tests.Codecs;

/// <summary>Values to encode, and what docs/protocol.md says comes of them, one at a time and by other means than the library's.</summary>
internal static class CodecValues
{
    public static PayloadCodec[] Lossy { get; } = [PayloadCodec.BFloat16, PayloadCodec.Float16, PayloadCodec.Int8];

    private static readonly float[] Edges =
    [
        0, -0f, 1, -1, float.MaxValue, -float.MaxValue, float.Epsilon, -float.Epsilon, 1.17549435e-38f, 1.1754942e-38f, 65504, 65519.996f, 65520, -65536,
        6.1035156e-5f, 6.097555e-5f, 5.9604645e-8f, 2.9802322e-8f, 2.980233e-8f, 1.0009766f, 1.00390625f, 1.01171875f, 3.3895314e38f, 3.3961775e38f,
    ];

    /// <summary>Any finite float32, and often one where something changes.</summary>
    public static Gen<float> Finite { get; } = Gen.Frequency(
        (5, Gen.Float[-3, 3]),
        (3, Gen.UInt.Select(BitConverter.UInt32BitsToSingle).Where(float.IsFinite)),
        (1, Gen.UInt[0, 0x00FF_FFFF].Select(BitConverter.UInt32BitsToSingle)),
        (1, Gen.Int[0, Edges.Length - 1].Select(i => Edges[i])));

    public static Gen<float[]> Vectors { get; } = Gen.Int[0, 1000].SelectMany(n => Finite.Array[n]);

    /// <summary>Many values of one magnitude, as parameters are.</summary>
    public static float[] Parameters(int count, int seed = 1)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    public static byte[] Encode(PayloadCodec codec, ReadOnlySpan<float> values)
    {
        // Behind what is written nothing may change.
        byte[] encoded = new byte[PayloadCodecs.EncodedLength(codec, values.Length) + 64];
        encoded.AsSpan().Fill(0xA5);
        PayloadCodecs.Encode(codec, values, encoded);
        Assert.All(encoded[^64..], b => Assert.Equal(0xA5, b));
        return encoded[..^64];
    }

    public static float[] Decode(PayloadCodec codec, ReadOnlySpan<byte> encoded, int count)
    {
        float[] values = new float[count];
        PayloadCodecs.Decode(codec, encoded, values);
        return values;
    }

    public static byte[] Expected(PayloadCodec codec, float[] values) => codec switch
    {
        PayloadCodec.BFloat16 => [.. values.SelectMany(v => BitConverter.GetBytes(NearestBFloat16(v)))],
        PayloadCodec.Float16 => [.. values.SelectMany(v => BitConverter.GetBytes((Half)Math.Clamp(v, -65504f, 65504f)))],
        PayloadCodec.Int8 => [.. values.Chunk(128).SelectMany(Block)],
        _ => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
    };

    public static float[] ExpectedDecoded(PayloadCodec codec, byte[] encoded) => codec switch
    {
        PayloadCodec.BFloat16 => [.. encoded.Chunk(2).Select(b => BitConverter.ToSingle([0, 0, .. b]))],
        PayloadCodec.Float16 => [.. encoded.Chunk(2).Select(b => (float)BitConverter.ToHalf(b))],
        PayloadCodec.Int8 => [.. encoded.Chunk(132).SelectMany(b => b[4..].Select(q => (sbyte)q * BitConverter.ToSingle(b)))],
        _ => MemoryMarshal.Cast<byte, float>(encoded).ToArray(),
    };

    /// <summary>The bits, so that 0 and −0 differ.</summary>
    public static int[] Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, int>(values).ToArray();

    private static ushort NearestBFloat16(float value)
    {
        ushort below = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        if ((below & 0x7FFF) == 0x7F7F)
            return below;
        double toBelow = Math.Abs(value - (double)Single(below)), toAbove = Math.Abs(value - (double)Single((ushort)(below + 1)));
        return toBelow < toAbove || (toBelow == toAbove && below % 2 == 0) ? below : (ushort)(below + 1);
    }

    private static float Single(ushort bfloat16) => BitConverter.UInt32BitsToSingle((uint)bfloat16 << 16);

    private static byte[] Block(float[] values)
    {
        float scale = values.Max(MathF.Abs) / 127;
        if (scale * 127 > float.MaxValue)
            scale = MathF.BitDecrement(scale);
        if (scale < 1.17549435e-38f)
            return [.. new byte[4 + values.Length]];
        float inverse = 1 / scale;
        return [.. BitConverter.GetBytes(scale), .. values.Select(v => (byte)(sbyte)MathF.Round(v * inverse, MidpointRounding.ToEven))];
    }
}
