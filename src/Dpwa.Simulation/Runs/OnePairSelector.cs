using Dpwa.Peers;

namespace Dpwa.Simulation.Runs;

/// <summary>Draws a peer only while it is told to: so one node alone begins an exchange while all others publish.</summary>
internal sealed class OnePairSelector : IPeerSelector
{
    public const string SelectorName = "one-pair";

    public string Name => SelectorName;

    public bool IsOpen { get; set; }

    public int Select(IPeerCandidates candidates) => IsOpen ? candidates.DrawByScore() : -1;
}
