using CsCheck;

namespace Dpwa.Tests.Protocol;

public class ParameterLayoutTests
{
    private static readonly Gen<TensorInfo> Tensors =
        from name in Gen.String[Gen.Char['a', 'z'], 0, 12]
        from shape in Gen.Long[1, 9].Array[0, 4]
        from type in Gen.Enum<ElementType>()
        from kind in Gen.Enum<TensorKind>()
        select new TensorInfo(name, [.. shape], type, kind);

    private static readonly Gen<ParameterLayout> Layouts =
        Tensors.Array[1, 12].Select(tensors => new ParameterLayout(tensors.Select((t, i) => t with { Name = $"{t.Name}.{i}" })));

    [Fact]
    public void Any_layout_survives_the_way() => Layouts.Sample(layout =>
    {
        Assert.True(ParameterLayout.TryDecode(layout.Encode(), out ParameterLayout? read));
        Assert.Equal(layout, read);
        Assert.Equal((layout.Fingerprint, layout.PayloadLength), (read!.Fingerprint, read.PayloadLength));
        Assert.Null(layout.FirstDifference(read));
    });

    [Fact]
    public void Tensors_start_at_multiples_of_64_in_order_and_do_not_overlap() => Layouts.Sample(layout =>
    {
        long end = 0;
        for (int i = 0; i < layout.Tensors.Length; i++)
        {
            Assert.Equal(0, layout.Offset(i) % ParameterLayout.Alignment);
            Assert.InRange(layout.Offset(i) - end, 0, ParameterLayout.Alignment - 1);
            end = layout.Offset(i) + layout.Tensors[i].ByteLength;
        }

        Assert.Equal((end + 63) / 64 * 64, layout.PayloadLength);
    });

    [Fact]
    public void Any_changed_byte_gives_another_layout_or_none() =>
        Gen.Select(Layouts, Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample((layout, at, change) =>
        {
            byte[] bytes = layout.Encode();
            bytes[at % bytes.Length] ^= change;
            if (ParameterLayout.TryDecode(bytes, out ParameterLayout? read))
            {
                Assert.NotEqual(layout.Fingerprint, read!.Fingerprint);
                Assert.NotNull(layout.FirstDifference(read));
            }
        });

    [Fact]
    public void What_can_be_read_is_written_back_as_it_was() => Gen.Select(Layouts, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((layout, at, value) =>
    {
        byte[] bytes = layout.Encode();
        bytes[at % bytes.Length] = value;
        if (ParameterLayout.TryDecode(bytes, out ParameterLayout? read))
            Assert.Equal(bytes, read!.Encode());
    });

    [Fact]
    public void A_layout_cut_short_or_with_something_behind_it_is_refused() => Gen.Select(Layouts, Gen.Int[0, int.MaxValue]).Sample((layout, at) =>
    {
        byte[] bytes = layout.Encode();
        Assert.False(ParameterLayout.TryDecode(bytes.AsSpan(0, at % bytes.Length), out ParameterLayout? read));
        Assert.Null(read);
        Assert.False(ParameterLayout.TryDecode([.. bytes, 0], out _));
    });

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        bool read = ParameterLayout.TryDecode(bytes, out ParameterLayout? layout);
        Assert.Equal(read, layout is not null);
    });

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 1, 1, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 1, 255, 255, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 1, 0, 0, 255, 255 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 9, 1, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 9, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0xFF })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 1, 1, 0, 255, 255, 255, 255, 255, 255, 255, 127, 0, 0 })]
    public void Counts_and_lengths_that_lie_are_refused(byte[] bytes) => Assert.False(ParameterLayout.TryDecode(bytes, out _));

    [Fact]
    public void A_vector_beyond_1_GiB_becomes_several_tensors()
    {
        var layout = ParameterLayout.Flat((1L << 28) * 2 + 3);
        Assert.Equal(["parameters[0]", "parameters[1]", "parameters[2]"], layout.Tensors.Select(t => t.Name));
        Assert.Equal([0, 1L << 30, 2L << 30], Enumerable.Range(0, 3).Select(layout.Offset));
        Assert.Equal((2L << 30) + 64, layout.PayloadLength);
    }

    /// <summary>PEERS: "4 GiB limit".</summary>
    [Fact]
    public void A_vector_of_8_GiB_has_offsets_and_a_fingerprint_like_any_other()
    {
        const long length = 1L << 31;
        var layout = ParameterLayout.Flat(length);
        Assert.Equal((length, 8L << 30), (layout.Elements, layout.PayloadLength));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => (long)i << 30), Enumerable.Range(0, 8).Select(layout.Offset));
        Assert.All(layout.Tensors, t => Assert.Equal(1L << 30, t.ByteLength));
        Assert.True(ParameterLayout.TryDecode(layout.Encode(), out ParameterLayout? read));
        Assert.Equal((layout.Fingerprint, layout.PayloadLength, layout.Offset(7)), (read!.Fingerprint, read.PayloadLength, read.Offset(7)));

        // What 32 bits would take for each other are different models.
        Assert.Equal(3, new[] { length, length + 1, length + (1L << 30) }.Select(l => ParameterLayout.Flat(l).Fingerprint).Distinct().Count());
    }

    [Fact]
    public void The_first_difference_names_the_tensor_on_both_sides()
    {
        var mine = new ParameterLayout([new("a", [2], ElementType.Float32, TensorKind.Parameter), new("b", [3], ElementType.Float32, TensorKind.Parameter)]);
        var theirs = new ParameterLayout([new("a", [2], ElementType.Float32, TensorKind.Parameter), new("b", [4], ElementType.Float16, TensorKind.Parameter)]);
        Assert.Equal("tensor 1 is b float32[3] here and b float16[4] there", mine.FirstDifference(theirs));
        Assert.Equal("there are 2 tensors here and 1 there", mine.FirstDifference(new(mine.Tensors[..1])));
    }

    [Fact]
    public void A_tensor_of_another_kind_is_told_in_words()
    {
        var mine = new ParameterLayout([new("v", [2], ElementType.Float32, TensorKind.Parameter)]);
        var theirs = new ParameterLayout([new("v", [2], ElementType.Float32, TensorKind.Statistic)]);
        string text = mine.FirstDifference(theirs)!;
        Assert.Contains("statistic", text, StringComparison.OrdinalIgnoreCase);
    }
}
