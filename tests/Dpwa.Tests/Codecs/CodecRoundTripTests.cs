using CsCheck;
using Dpwa.Codecs;
using Dpwa.Protocol;

namespace Dpwa.Tests.Codecs;

/// <summary>docs/protocol.md, "Codecs".</summary>
public class CodecRoundTripTests
{
    public static TheoryData<PayloadCodec> Lossy => [.. CodecValues.Lossy];

    public static TheoryData<PayloadCodec> All => [.. Enum.GetValues<PayloadCodec>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Vectors_of_every_length_are_encoded_and_decoded_as_their_values_are_one_by_one(PayloadCodec codec)
    {
        for (int length = 0; length <= 1000; length++)
        {
            CodecValues.Finite.Array[length].Sample(values =>
            {
                byte[] encoded = CodecValues.Encode(codec, values);
                Assert.Equal(CodecValues.Expected(codec, values), encoded);
                Assert.Equal(CodecValues.Bits(CodecValues.ExpectedDecoded(codec, encoded)), CodecValues.Bits(CodecValues.Decode(codec, encoded, values.Length)));
            }, iter: 1, threads: 1);
        }
    }

    [Fact]
    public void Every_bfloat16_and_float16_is_decoded_and_encoded_to_itself()
    {
        ushort[] all = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        byte[] bytes = [.. all.SelectMany(BitConverter.GetBytes)];
        foreach (PayloadCodec codec in (PayloadCodec[])[PayloadCodec.BFloat16, PayloadCodec.Float16])
        {
            float[] values = CodecValues.Decode(codec, bytes, all.Length);
            Assert.Equal(CodecValues.ExpectedDecoded(codec, bytes).Select(v => float.IsNaN(v) ? 1 : BitConverter.SingleToInt32Bits(v)), values.Select(v => float.IsNaN(v) ? 1 : BitConverter.SingleToInt32Bits(v)));
            byte[] again = CodecValues.Encode(codec, values);
            for (int i = 0; i < all.Length; i++)
                Assert.True(float.IsNaN(values[i]) || BitConverter.ToUInt16(again, 2 * i) == all[i], $"{codec} {all[i]:x4}");
        }
    }

    [Theory]
    [InlineData(PayloadCodec.BFloat16)]
    [InlineData(PayloadCodec.Float16)]
    public void An_infinity_or_a_NaN_stays_one_and_is_found(PayloadCodec codec)
    {
        for (int at = 0; at < 40; at++)
        {
            foreach (float value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, BitConverter.UInt32BitsToSingle(0x7F80_0001), BitConverter.UInt32BitsToSingle(0xFFFF_FFFF)])
            {
                float[] values = new float[40];
                values[at] = value;
                byte[] encoded = CodecValues.Encode(codec, values);
                Assert.False(PayloadCodecs.IsFinite(codec, encoded));
                float decoded = CodecValues.Decode(codec, encoded, 40)[at];
                Assert.True(float.IsNaN(value) ? float.IsNaN(decoded) : decoded == value);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Lossy))]
    public void What_is_finite_stays_finite_and_the_error_is_bounded(PayloadCodec codec) => CodecValues.Vectors.Sample(values =>
    {
        byte[] encoded = CodecValues.Encode(codec, values);
        Assert.True(PayloadCodecs.IsFinite(codec, encoded));
        float[] decoded = CodecValues.Decode(codec, encoded, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.True(float.IsFinite(decoded[i]));
            double bound = codec switch
            {
                // Half a unit in the last place of 8 bits; the largest finite value is cut to.
                PayloadCodec.BFloat16 => Math.Abs(values[i]) > 3.3895e38 ? 1.4e36 : Math.Max(Math.Abs((double)values[i]) / 256, 4.6e-41),
                PayloadCodec.Float16 => Math.Abs(values[i]) > 65504 ? Math.Abs((double)values[i]) - 65504 : Math.Max(Math.Abs((double)values[i]) / 2048, 2.99e-8),
                _ => Bound(values.AsSpan(i / 128 * 128)),
            };
            Assert.InRange(Math.Abs((double)values[i] - decoded[i]), 0, bound);
        }
    });

    [Theory]
    [MemberData(nameof(All))]
    public void The_way_without_bytes_gives_the_same_bits_as_encoding_and_decoding(PayloadCodec codec) => CodecValues.Vectors.Sample(values =>
    {
        float[] result = new float[values.Length];
        PayloadCodecs.RoundTrip(codec, values, result);
        Assert.Equal(CodecValues.Bits(CodecValues.Decode(codec, CodecValues.Encode(codec, values), values.Length)), CodecValues.Bits(result));
    });

    [Theory]
    [InlineData(PayloadCodec.BFloat16)]
    [InlineData(PayloadCodec.Float16)]
    public void Encoding_what_was_decoded_gives_the_same_bytes(PayloadCodec codec) => CodecValues.Vectors.Sample(values =>
    {
        byte[] encoded = CodecValues.Encode(codec, values);
        Assert.Equal(encoded, CodecValues.Encode(codec, CodecValues.Decode(codec, encoded, values.Length)));
    });

    [Theory]
    [InlineData(PayloadCodec.Native, 0, 0)]
    [InlineData(PayloadCodec.Native, 3, 12)]
    [InlineData(PayloadCodec.BFloat16, 3, 6)]
    [InlineData(PayloadCodec.Float16, 1000, 2000)]
    [InlineData(PayloadCodec.Int8, 0, 0)]
    [InlineData(PayloadCodec.Int8, 1, 5)]
    [InlineData(PayloadCodec.Int8, 128, 132)]
    [InlineData(PayloadCodec.Int8, 129, 137)]
    [InlineData(PayloadCodec.Int8, 1L << 40, 132L << 33)]
    public void The_encoded_length_follows_from_the_number_of_values(PayloadCodec codec, long elements, long bytes)
    {
        Assert.Equal(bytes, PayloadCodecs.EncodedLength(codec, elements));
        Assert.Equal(elements, PayloadCodecs.Elements(codec, bytes));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Too_few_bytes_are_an_error_and_nothing_is_written_elsewhere(PayloadCodec codec)
    {
        byte[] bytes = new byte[PayloadCodecs.EncodedLength(codec, 200) - 1];
        Assert.Throws<ArgumentException>(() => PayloadCodecs.Encode(codec, new float[200], bytes));
        Assert.Throws<ArgumentException>(() => PayloadCodecs.Decode(codec, bytes, new float[200]));
    }

    [Fact]
    public void An_unknown_codec_is_an_error()
    {
        const PayloadCodec unknown = (PayloadCodec)4;
        Assert.False(PayloadCodecs.IsKnown(unknown));
        Assert.Throws<ArgumentOutOfRangeException>(() => PayloadCodecs.EncodedLength(unknown, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PayloadCodecs.IsFinite(unknown, new byte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => EncodedLayout.Of(ParameterLayout.Flat(1), unknown));
    }

    /// <summary>Any bytes at all that pass the check decode to finite values, and what does not pass would not.</summary>
    [Theory]
    [MemberData(nameof(Lossy))]
    public void The_check_admits_bytes_exactly_when_they_decode_to_finite_values(PayloadCodec codec) =>
        Gen.Select(Gen.Int[1, 300], Gen.UInt, Gen.Bool).Sample((count, seed, huge) =>
        {
            byte[] bytes = new byte[PayloadCodecs.EncodedLength(codec, count)];
            new Random((int)(seed & 0x7FFF_FFFF)).NextBytes(bytes);
            if (codec == PayloadCodec.Int8 && huge)
            {
                for (int at = 0; at < bytes.Length; at += 132)
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), 0x7BFF_FFF0 + (seed + (uint)at) % 0x0002_0000);
            }

            float[] decoded = CodecValues.Decode(codec, bytes, count);
            bool negativeScale = codec == PayloadCodec.Int8 && bytes.Chunk(132).Any(b => b[3] >= 0x80);
            bool hugeScale = codec == PayloadCodec.Int8 && bytes.Chunk(132).Any(b => !float.IsFinite(BitConverter.ToSingle(b) * 127));
            Assert.Equal(decoded.All(float.IsFinite) && !negativeScale && !hugeScale, PayloadCodecs.IsFinite(codec, bytes));
        });

    /// <summary>Half a step, and what float32 rounds; nothing finer than the smallest scale.</summary>
    private static double Bound(ReadOnlySpan<float> fromBlock)
    {
        double largest = 0;
        foreach (float value in fromBlock[..Math.Min(128, fromBlock.Length)])
            largest = Math.Max(largest, Math.Abs((double)value));
        double scale = largest / 127;
        return scale < 1.18e-38 ? largest : scale / 2 * (1 + 1e-4);
    }
}
