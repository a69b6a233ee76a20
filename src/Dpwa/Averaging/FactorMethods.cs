using System.Collections.Immutable;

namespace Dpwa.Averaging;

/// <summary>The three methods of the original, and the divergence threshold. Undefined cases (0/0) are ½.</summary>
public static class FactorMethods
{
    /// <summary>The names that are built in.</summary>
    public static ImmutableArray<string> BuiltIn { get; } = ["constant", "clock", "loss"];

    /// <summary>The method that the options name.</summary>
    /// <exception cref="ArgumentException">None has this name.</exception>
    public static IFactorMethod Create(DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Interpolation switch
        {
            "constant" => new ConstantFactor(options.ConstantValue),
            "clock" => new ClockFactor(),
            "loss" => new LossFactor(),
            string custom => options.Extensions.FactorMethods.GetValueOrDefault(custom)
                ?? throw new ArgumentException($"no factor method is named '{custom}'", nameof(options)),
        };
    }

    /// <summary>The divergence threshold t > 0: when l_i &lt; t, <c>a ← a·(l_i / t)</c>, whatever the method.</summary>
    public static double Damp(double factor, double loss, double threshold) =>
        threshold > 0 && loss < threshold ? factor * (loss / threshold) : factor;

    /// <summary><c>part / (part + other)</c>, and ½ where that is undefined (0/0).</summary>
    internal static double Share(double part, double other)
    {
        if (part == 0 && other == 0)
            return 0.5;

        // Halved first: the sum of two finite numbers may overflow, that of their halves cannot.
        return part / 2 / (part / 2 + other / 2);
    }

    private sealed class ConstantFactor(double value) : IFactorMethod
    {
        public string Name => "constant";
        public bool UsesLoss => false;
        public double Factor(in FactorContext context) => value;
    }

    /// <summary>a = c_j / (c_i + c_j)</summary>
    private sealed class ClockFactor : IFactorMethod
    {
        public string Name => "clock";
        public bool UsesLoss => false;
        public double Factor(in FactorContext context) => Share(context.PeerClock, context.Clock);
    }

    /// <summary>a = l_i / (l_i + l_j): the higher my own loss, the more of the peer.</summary>
    private sealed class LossFactor : IFactorMethod
    {
        public string Name => "loss";
        public bool UsesLoss => true;
        public double Factor(in FactorContext context) => Share(context.Loss, context.PeerLoss);
    }
}
