namespace Dpwa.Simulation.Network;

/// <summary>For some time the nodes <paramref name="First"/> … <paramref name="Last"/> and the others do not hear each other: what is sent across is lost, connections
/// stay, and only time-outs tell.</summary>
/// <param name="First">The first node cut off, by its place in the list of nodes.</param>
/// <param name="Last">The last node cut off.</param>
/// <param name="From">When it begins.</param>
/// <param name="To">When it is over.</param>
public sealed record NetworkPartition(int First, int Last, TimeSpan From, TimeSpan To)
{
    internal bool Separates(int a, int b, TimeSpan now) => now >= From && now < To && IsWithin(a) != IsWithin(b);

    private bool IsWithin(int node) => node >= First && node <= Last;
}
