using System.Collections.Immutable;
using Dpwa.Peers.Topologies;

namespace Dpwa.Peers;

/// <summary>The peer selectors that are built in.</summary>
public static class PeerSelectors
{
    /// <summary>Their names.</summary>
    public static ImmutableArray<string> BuiltIn { get; } = ["random"];

    /// <summary>The selector that the options name: that of the topology, or one of the program's own.</summary>
    /// <exception cref="ArgumentException">None has this name.</exception>
    public static IPeerSelector Create(DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Selector switch
        {
            "random" when options.Topology == Topology.Graph => new GraphSelector(options.Graph),
            "random" when Schedules.Of(options) is { } schedule => new ScheduledSelector(schedule, options.ExchangeEvery),
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
