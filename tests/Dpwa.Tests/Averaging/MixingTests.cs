using System.Runtime.InteropServices;
using CsCheck;
using Dpwa.Averaging;

namespace Dpwa.Tests.Averaging;

/// <summary>METHODS.md, "The two forms of one averaging step", for each element type. PEERS: "float64, float16, bfloat16 parameters crash".</summary>
public class MixingTests
{
    // Odd lengths, so that what is left behind the vectors is mixed too.
    private static readonly Gen<(float[] X, float[] Peer, float[] Own)> Models =
        Gen.Int[1, 2500].SelectMany(n => Gen.Select(Values(n), Values(n), Values(n)));

    private static Gen<float[]> Values(int count) => Gen.Float[-1000, 1000].Array[count];

    [Fact]
    public void Parameters_form_is_the_convex_combination() => Gen.Select(Models, Gen.Double[0, 1]).Sample((m, a) =>
    {
        float[] mixed = [.. m.X];
        Mixing.Interpolate(Bytes(mixed), Bytes(m.Peer), a, ElementType.Float32);
        for (int i = 0; i < mixed.Length; i++)
            Assert.Equal((1 - a) * m.X[i] + a * m.Peer[i], mixed[i], 1e-3);
    }, iter: 200);

    [Fact]
    public void Parameters_form_never_leaves_the_interval_between_the_two() => Gen.Select(Models, Gen.Double[0, 1]).Sample((m, a) =>
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            (byte[] x, byte[] peer) = (Encode(m.X, type), Encode(m.Peer, type));
            (double[] low, double[] high) = (Decode(x, type), Decode(peer, type));
            Mixing.Interpolate(x, peer, a, type);
            double[] mixed = Decode(x, type);
            for (int i = 0; i < mixed.Length; i++)
            {
                double slack = 1e-6 * (Math.Abs(low[i]) + Math.Abs(high[i]));
                Assert.InRange(mixed[i], Math.Min(low[i], high[i]) - slack, Math.Max(low[i], high[i]) + slack);
            }
        }
    }, iter: 100);

    [Fact]
    public void Factor_0_keeps_mine_and_factor_1_takes_the_peers_exactly() => Models.Sample(m =>
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            (byte[] x, byte[] peer) = (Encode(m.X, type), Encode(m.Peer, type));
            byte[] mixed = [.. x];

            // As values: the sign of a zero may change.
            Mixing.Interpolate(mixed, peer, 0, type);
            Assert.Equal(Decode(x, type), Decode(mixed, type));
            Mixing.Interpolate(mixed, peer, 1, type);
            Assert.Equal(Decode(peer, type), Decode(mixed, type));
        }
    }, iter: 100);

    [Fact]
    public void Delta_form_keeps_the_whole_step_that_was_trained_meanwhile() => Gen.Select(Models, Gen.Double[0, 1]).Sample((m, a) =>
    {
        float[] mixed = [.. m.X];
        Mixing.Shift(Bytes(mixed), Bytes(m.Peer), Bytes(m.Own), a, ElementType.Float32);
        for (int i = 0; i < mixed.Length; i++)
            Assert.Equal(m.X[i] + a * (m.Peer[i] - m.Own[i]), mixed[i], 1e-2);
    }, iter: 200);

    [Fact]
    public void The_two_forms_agree_when_nothing_was_trained_in_between() => Gen.Select(Models, Gen.Double[0, 1]).Sample((m, a) =>
    {
        float[] convex = [.. m.X], delta = [.. m.X];
        Mixing.Interpolate(Bytes(convex), Bytes(m.Peer), a, ElementType.Float32);
        Mixing.Shift(Bytes(delta), Bytes(m.Peer), Bytes(m.X), a, ElementType.Float32);
        for (int i = 0; i < convex.Length; i++)
            Assert.Equal(convex[i], delta[i], 1e-3);
    }, iter: 200);

    [Fact]
    public void A_symmetric_exchange_in_delta_form_conserves_the_sum_exactly()
    {
        // Values whose sums are exact in float32, so that nothing but the form can break the equality.
        Gen.Select(Gen.Int[-512, 512].Array[257], Gen.Int[-512, 512].Array[257]).Sample((first, second) =>
        {
            float[] mine = [.. first.Select(v => (float)v)], peers = [.. second.Select(v => (float)v)];
            float[] mineSent = [.. mine], peersSent = [.. peers];
            Mixing.Shift(Bytes(mine), Bytes(peersSent), Bytes(mineSent), 0.5, ElementType.Float32);
            Mixing.Shift(Bytes(peers), Bytes(mineSent), Bytes(peersSent), 0.5, ElementType.Float32);
            for (int i = 0; i < mine.Length; i++)
                Assert.Equal(mineSent[i] + peersSent[i], mine[i] + peers[i]);
        }, iter: 200);
    }

    [Fact]
    public void Sixteen_bit_types_are_rounded_once_to_nearest_even() => Gen.Select(Models, Gen.Double[0, 1]).Sample((m, a) =>
    {
        (byte[] x, byte[] peer) = (Encode(m.X, ElementType.Float16), Encode(m.Peer, ElementType.Float16));
        (double[] mine, double[] theirs) = (Decode(x, ElementType.Float16), Decode(peer, ElementType.Float16));
        Mixing.Interpolate(x, peer, a, ElementType.Float16);
        Half[] mixed = MemoryMarshal.Cast<byte, Half>(x).ToArray();
        for (int i = 0; i < mixed.Length; i++)
            Assert.Equal((Half)((float)mine[i] * (1 - (float)a) + (float)theirs[i] * (float)a), mixed[i]);
    }, iter: 100);

    private static Span<byte> Bytes(float[] values) => MemoryMarshal.AsBytes(values.AsSpan());

    private static byte[] Encode(float[] values, ElementType type) => type switch
    {
        ElementType.Float32 => Bytes(values).ToArray(),
        ElementType.Float64 => MemoryMarshal.AsBytes(values.Select(v => (double)v).ToArray().AsSpan()).ToArray(),
        ElementType.Float16 => MemoryMarshal.AsBytes(values.Select(v => (Half)v).ToArray().AsSpan()).ToArray(),
        _ => MemoryMarshal.AsBytes(values.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)).ToArray().AsSpan()).ToArray(),
    };

    private static double[] Decode(byte[] bytes, ElementType type) => type switch
    {
        ElementType.Float32 => [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Select(v => (double)v)],
        ElementType.Float64 => MemoryMarshal.Cast<byte, double>(bytes).ToArray(),
        ElementType.Float16 => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(v => (double)v)],
        _ => [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(v => (double)BitConverter.UInt32BitsToSingle((uint)v << 16))],
    };
}
