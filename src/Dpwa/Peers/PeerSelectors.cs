using System.Collections.Immutable;

namespace Dpwa.Peers;

/// <summary>The peer selectors that are built in.</summary>
public static class PeerSelectors
{
    /// <summary>Their names.</summary>
    public static ImmutableArray<string> BuiltIn { get; } = ["random"];

    /// <summary>The selector that the options name.</summary>
    /// <exception cref="ArgumentException">None has this name.</exception>
    public static IPeerSelector Create(DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Selector switch
        {
            "random" => new RandomSelector(),
            string custom => options.Extensions.Selectors.GetValueOrDefault(custom)
                ?? throw new ArgumentException($"no peer selector is named '{custom}'", nameof(options)),
        };
    }

    private sealed class RandomSelector : IPeerSelector
    {
        public string Name => "random";

        public int Select(IPeerCandidates candidates) => candidates.DrawByScore();
    }
}
