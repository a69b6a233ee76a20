using Dpwa.Averaging;
using Dpwa.Peers;

namespace Dpwa.Launch.Runs;

/// <summary>Lets a configuration name the factor methods and selectors that only the workers' own program has.</summary>
public static class CustomNames
{
    /// <summary>Extensions that know these names, and nothing of what is behind them.</summary>
    public static DpwaExtensions Admit(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names.Distinct(StringComparer.Ordinal).Aggregate(DpwaExtensions.None, (all, name) =>
            (FactorMethods.BuiltIn.Contains(name), PeerSelectors.BuiltIn.Contains(name)) switch
            {
                (false, false) => all.Add((IFactorMethod)new NameOnly(name)).Add((IPeerSelector)new NameOnly(name)),
                _ => throw new LaunchException($"'{name}' is built in: there is no need to name it."),
            });
    }

    private sealed class NameOnly(string name) : IFactorMethod, IPeerSelector
    {
        public string Name => name;

        public bool UsesLoss => false;

        public double Factor(in FactorContext context) => throw new NotSupportedException($"'{name}' is only known by name here.");

        public int Select(IPeerCandidates candidates) => throw new NotSupportedException($"'{name}' is only known by name here.");
    }
}
