using System.Runtime.InteropServices;
using Dpwa.Snapshots;
using Dpwa.Status;

namespace Dpwa.Tests.Status;

/// <summary>What a sketch of 1,024 numbers tells of a model of any size.</summary>
public class SketchTests
{
    /// <summary>The documented bound: of differences that are spread over thousands of weights the distance is estimated with a standard deviation of 2.2 %, so 999 of 1,000 are within 7.5 %.</summary>
    [Theory]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void The_distance_of_two_models_is_within_the_bound(int elements)
    {
        double squares = 0;
        const int trials = 30;
        for (int seed = 0; seed < trials; seed++)
        {
            (float[] a, float[] b) = (Normal(elements, seed), Normal(elements, 1000 + seed));
            double exact = Math.Sqrt(a.Zip(b).Sum(p => ((double)p.First - p.Second) * ((double)p.First - p.Second))) / 2;
            double ratio = ConsensusDistance.Estimate([Sketch(a), Sketch(b)])!.Value / exact;
            Assert.InRange(ratio, 1 - 0.09, 1 + 0.09);
            squares += (ratio - 1) * (ratio - 1);
        }

        // 2.2 % as computed; of 30 trials it may come out half as large again.
        Assert.InRange(Math.Sqrt(squares / trials), 0.022 / 2, 0.022 * 1.5);
    }

    /// <summary>In the mean over signs it is exact whatever the values are, also where one weight has all of it.</summary>
    [Fact]
    public void One_large_weight_is_seen_exactly()
    {
        float[] values = new float[5000];
        values[1234] = -3;
        Assert.Equal(1.5, ConsensusDistance.Estimate([Sketch(values), Sketch(new float[5000])])!.Value, 1e-6);
    }

    [Fact]
    public void It_is_linear_and_the_same_at_every_node()
    {
        (float[] a, float[] b) = (Normal(10_007, 1), Normal(10_007, 2));
        float[] sum = [.. a.Zip(b, (x, y) => x + y)];
        Assert.All(Sketch(a).Zip(Sketch(b), (x, y) => x + y).Zip(Sketch(sum)), p => Assert.Equal(p.First, p.Second, 1e-3f));
        Assert.Equal(Sketch(a), Sketch(a));
    }

    /// <summary>Fixed for all versions: nodes of two versions are compared.</summary>
    [Fact]
    public void The_signs_are_those_of_the_documentation()
    {
        float[] ones = new float[3000];
        ones.AsSpan().Fill(1);
        float[] sketch = Sketch(ones);
        float[] byHand = new float[ParameterSketch.Length];
        for (int i = 0; i < ones.Length; i++)
            byHand[i % ParameterSketch.Length] += Sign(i / ParameterSketch.Length, i % ParameterSketch.Length);
        Assert.Equal(byHand, sketch);
    }

    [Fact]
    public void Types_are_widened_and_statistics_are_no_part_of_it()
    {
        var layout = new ParameterLayout(
        [
            new TensorInfo("a", [3], ElementType.Float32, TensorKind.Parameter),
            new TensorInfo("s", [2], ElementType.Float32, TensorKind.Statistic),
            new TensorInfo("b", [2], ElementType.Float64, TensorKind.Parameter),
            new TensorInfo("c", [2], ElementType.BFloat16, TensorKind.Parameter),
            new TensorInfo("d", [2], ElementType.Float16, TensorKind.Parameter),
        ]);
        var snapshot = new Snapshot(layout);
        Write<float>(0, [1, 2, 3]);
        Write<float>(1, [100, 100]);
        Write<double>(2, [4, 5]);
        Write<ushort>(3, [0x40C0, 0x40E0]);
        Write<Half>(4, [(Half)8, (Half)9]);
        float[] expected = new float[ParameterSketch.Length];
        float[][] parts = [[1, 2, 3], [4, 5], [6, 7], [8, 9]];
        for (int block = 0; block < parts.Length; block++)
        {
            for (int i = 0; i < parts[block].Length; i++)
                expected[i] += parts[block][i] * Sign(block, i);
        }

        Assert.Equal(expected, ParameterSketch.Of(snapshot));

        void Write<T>(int tensor, T[] values)
            where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(snapshot.Segment(0).Span[(int)layout.Offset(tensor)..]);
    }

    [Fact]
    public void Of_fewer_than_two_or_of_different_lengths_there_is_no_distance()
    {
        Assert.Null(ConsensusDistance.Estimate([]));
        Assert.Null(ConsensusDistance.Estimate([[1f], []]));
        Assert.Null(ConsensusDistance.Estimate([[1f], [1f, 2f]]));
        Assert.Null(ConsensusDistance.Estimate([[1f], [float.NaN]]));
        Assert.Equal(1, ConsensusDistance.Estimate([[1f], [3f]]));
    }

    private static float Sign(int block, int i)
    {
        ulong z = unchecked(0x6470776121736B21 + ((ulong)block * 16 + (ulong)(i / 64) + 1) * 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return (((z ^ (z >> 31)) >> (i % 64)) & 1) == 0 ? 1 : -1;
    }

    private static float[] Sketch(float[] values)
    {
        var snapshot = new Snapshot(ParameterLayout.Flat(values.Length));
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(snapshot.Segment(0).Span);
        return ParameterSketch.Of(snapshot);
    }

    private static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
