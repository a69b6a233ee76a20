using CsCheck;
using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Snapshots;

namespace Dpwa.Tests.Codecs;

/// <summary>METHODS.md, "The two forms of one averaging step", with a peer that a codec has encoded.</summary>
public class CodecMixingTests
{
    public static TheoryData<PayloadCodec> Lossy => [.. CodecValues.Lossy];

    private static readonly Gen<(float[] X, float[] Peer, float[] Own)> Models =
        Gen.Int[1, 3000].SelectMany(n => Gen.Select(Gen.Float[-10, 10].Array[n], Gen.Float[-10, 10].Array[n], Gen.Float[-10, 10].Array[n]));

    [Theory]
    [MemberData(nameof(Lossy))]
    public void Parameters_form_is_the_convex_combination_with_what_is_decoded(PayloadCodec codec) => Gen.Select(Models, Gen.Double[0, 1]).Sample((m, a) =>
    {
        byte[] encoded = CodecValues.Encode(codec, m.Peer);
        float[] theirs = CodecValues.Decode(codec, encoded, m.Peer.Length);
        float[] mixed = [.. m.X];
        Mixing.Interpolate(mixed, encoded, a, codec);
        for (int i = 0; i < mixed.Length; i++)
            Assert.Equal(m.X[i] * (float)(1 - a) + theirs[i] * (float)a, mixed[i]);
    }, iter: 100);

    [Theory]
    [MemberData(nameof(Lossy))]
    public void Delta_form_takes_my_snapshot_as_it_would_be_decoded(PayloadCodec codec) => Gen.Select(Models, Gen.Double[0, 1]).Sample((m, a) =>
    {
        byte[] encoded = CodecValues.Encode(codec, m.Peer);
        float[] theirs = CodecValues.Decode(codec, encoded, m.Peer.Length);
        float[] mine = CodecValues.Decode(codec, CodecValues.Encode(codec, m.Own), m.Own.Length);
        float[] mixed = [.. m.X];
        Mixing.Shift(mixed, encoded, m.Own, a, codec);
        for (int i = 0; i < mixed.Length; i++)
            Assert.Equal(m.X[i] + (theirs[i] - mine[i]) * (float)a, mixed[i]);
    }, iter: 100);

    [Theory]
    [MemberData(nameof(Lossy))]
    public void Equal_models_in_delta_form_stay_as_they_are_bit_for_bit(PayloadCodec codec) => Gen.Select(CodecValues.Vectors, Gen.Double[0, 1]).Sample((values, a) =>
    {
        float[] trained = [.. values.Select(v => v / 2 + 0.1f)];
        float[] mixed = [.. trained];
        Mixing.Shift(mixed, CodecValues.Encode(codec, values), values, a, codec);
        Assert.Equal(CodecValues.Bits(trained), CodecValues.Bits(mixed));
    });

    [Theory]
    [MemberData(nameof(Lossy))]
    public void A_whole_model_is_mixed_tensor_by_tensor_and_what_is_not_encoded_exactly(PayloadCodec codec)
    {
        foreach (bool delta in (bool[])[false, true])
        {
            VirtualModel x = CodecModel.Filled(1), peer = CodecModel.Filled(2), own = CodecModel.Filled(3), native = CodecModel.Filled(1);
            using Snapshot before = CodecModel.Published(own);
            using Snapshot theirs = CodecModel.Published(peer);
            var body = new BytesPayload(CodecModel.Payload(peer, codec));
            ModelUpdate.Mix(x, CodecModel.Layout, body, delta ? before : null, 0.25, codec);
            ModelUpdate.Mix(native, CodecModel.Layout, theirs, delta ? before : null, 0.25);
            EncodedLayout layout = EncodedLayout.Of(CodecModel.Layout, codec);
            for (int i = 0; i < CodecModel.Layout.Tensors.Length; i++)
            {
                if (layout.CodecOf(i) == PayloadCodec.Native)
                {
                    Assert.Equal(native.Segment(i), x.Segment(i));
                    continue;
                }

                float[] expected = CodecModel.Filled(1).Values(i).ToArray();
                byte[] encoded = CodecValues.Encode(codec, peer.Values(i));
                if (delta)
                    Mixing.Shift(expected, encoded, own.Values(i), 0.25, codec);
                else
                    Mixing.Interpolate(expected, encoded, 0.25, codec);
                Assert.Equal(expected, x.Values(i).ToArray());
                Assert.NotEqual(native.Values(i).ToArray(), x.Values(i).ToArray());
            }
        }
    }

    [Fact]
    public void An_element_type_of_16_bits_keeps_a_NaN_in_the_live_model()
    {
        byte[] x = [.. Enumerable.Range(0, 50).SelectMany(_ => BitConverter.GetBytes(Half.NaN))], peer = new byte[100];
        Mixing.Interpolate(x, peer, 0.5, ElementType.Float16);
        Assert.All(x.Chunk(2), b => Assert.True(Half.IsNaN(BitConverter.ToHalf(b))));
        x = [.. Enumerable.Range(0, 50).SelectMany(_ => (byte[])[0xFF, 0x7F])];
        Mixing.Shift(x, peer, peer, 0.5, ElementType.BFloat16);
        Assert.All(x.Chunk(2), b => Assert.True((BitConverter.ToUInt16(b) & 0x7FFF) > 0x7F80));
    }
}
