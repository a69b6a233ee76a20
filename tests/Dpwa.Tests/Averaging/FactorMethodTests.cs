using CsCheck;
using Dpwa.Averaging;

namespace Dpwa.Tests.Averaging;

/// <summary>METHODS.md, "Factors".</summary>
public class FactorMethodTests
{
    private static readonly Gen<double> NonNegative = Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 1e6], Gen.Double[0, double.MaxValue]);

    private static double Factor(string method, FactorContext context, double value = 0.5) =>
        FactorMethods.Create(new DpwaOptions { Interpolation = method, ConstantValue = value }).Factor(context);

    [Fact]
    public void Constant_is_the_value_whatever_the_clocks_and_losses() =>
        Assert.Equal(0.3, Factor("constant", new(1, 2, double.NaN, -4), 0.3));

    [Theory]
    [InlineData(1, 3, 0.75)]
    [InlineData(3, 1, 0.25)]
    [InlineData(0, 5, 1)]
    [InlineData(5, 0, 0)]
    [InlineData(0, 0, 0.5)]
    public void Clock_is_the_peers_share_of_both_clocks(double mine, double peers, double expected) =>
        Assert.Equal(expected, Factor("clock", new(mine, peers, 0, 0)));

    /// <summary>PEERS: "zero losses raise".</summary>
    [Theory]
    [InlineData(3, 1, 0.75)]
    [InlineData(1, 3, 0.25)]
    [InlineData(0, 0, 0.5)]
    [InlineData(0, 2, 0)]
    public void Loss_is_my_share_of_both_losses(double mine, double peers, double expected) =>
        Assert.Equal(expected, Factor("loss", new(0, 0, mine, peers)));

    [Theory]
    [InlineData(0.5, 0.1, 0.2, 0.25)]
    [InlineData(0.5, 0.2, 0.2, 0.5)]
    [InlineData(0.5, 0.3, 0.2, 0.5)]
    [InlineData(0.5, 0.0, 0.2, 0)]
    [InlineData(0.5, 0.1, 0, 0.5)]
    public void Below_the_divergence_threshold_the_factor_shrinks_with_the_loss(double a, double loss, double threshold, double expected) =>
        Assert.Equal(expected, FactorMethods.Damp(a, loss, threshold), 12);

    [Fact]
    public void Every_factor_of_usable_inputs_is_between_0_and_1() =>
        Gen.Select(NonNegative, NonNegative, NonNegative, NonNegative, NonNegative).Sample((clock, peerClock, loss, peerLoss, threshold) =>
        {
            var context = new FactorContext(clock, peerClock, loss, peerLoss);
            return new[] { "constant", "clock", "loss" }.All(method =>
                FactorMethods.Damp(Factor(method, context), loss, threshold) is >= 0 and <= 1);
        });

    [Fact]
    public void A_custom_method_is_found_by_its_name()
    {
        var options = new DpwaOptions { Interpolation = "mine", Extensions = DpwaExtensions.None.Add(new Mine()) };
        Assert.Equal(0.125, FactorMethods.Create(options).Factor(default));
        Assert.Throws<ArgumentException>(() => options.Extensions.Add(new Mine()));
    }

    private sealed class Mine : IFactorMethod
    {
        public string Name => "mine";
        public bool UsesLoss => false;
        public double Factor(in FactorContext context) => 0.125;
    }
}
