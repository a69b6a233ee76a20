using Dpwa.Launch.Bench;

namespace Dpwa.Cli.Tests.Bench;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("45MB", 45_000_000)]
    [InlineData("45 mb", 45_000_000)]
    [InlineData("1.5GB", 1_500_000_000)]
    [InlineData("64MiB", 64 * 1024 * 1024)]
    [InlineData("2GiB", 2L * 1024 * 1024 * 1024)]
    [InlineData("100kB", 100_000)]
    [InlineData("3KiB", 3072)]
    [InlineData("4096", 4096)]
    [InlineData("17B", 17)]
    public void Sizes_are_read_in_decimal_and_in_binary_units(string text, long bytes)
    {
        Assert.True(Quantity.TryParseBytes(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("0")]
    [InlineData("-1MB")]
    [InlineData("1,5MB")]
    [InlineData("1.5.2MB")]
    [InlineData("45XB")]
    [InlineData("45Mbit")]
    [InlineData("1e3")]
    [InlineData("99999999999GB")]
    public void What_is_no_size_is_not_read(string text) => Assert.False(Quantity.TryParseBytes(text, out _));

    [Theory]
    [InlineData("1Gbit", 1e9)]
    [InlineData("100Mbit/s", 1e8)]
    [InlineData("2.5 gbit", 2.5e9)]
    [InlineData("9600", 9600)]
    public void Rates_are_bits_a_second(string text, double rate)
    {
        Assert.True(Quantity.TryParseBits(text, out var read));
        Assert.Equal(rate, read);
        Assert.False(Quantity.TryParseBits("1GB", out _));
    }

    [Fact]
    public void Quantities_are_shown_in_the_unit_that_fits()
    {
        Assert.Equal(["999 B", "1.5 kB", "45 MB", "1.25 GB"], new[] { 999, 1500, 45e6, 1.25e9 }.Select(Quantity.ShowBytes));
        Assert.Equal("2.5 Gbit/s", Quantity.ShowBits(2.5e9));
    }

    [Fact]
    public void A_spread_is_of_what_was_measured()
    {
        Assert.Equal(new(2, 3), Spread.Of([3, 1, 2]));
        Assert.Equal(new(2, 4), Spread.Of([4, 1, 3, 2]));
        Assert.Equal(new(500, 990), Spread.Of(Enumerable.Range(1, 1000).Select(i => (double)i)));
        Assert.True(double.IsNaN(Spread.MedianOf([])));
    }
}
