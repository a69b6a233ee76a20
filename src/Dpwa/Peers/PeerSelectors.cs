using System.Collections.Immutable;

namespace Dpwa.Peers;

/// <summary>The peer selectors that are built in.</summary>
public static class PeerSelectors
{
    /// <summary>Their names.</summary>
    public static ImmutableArray<string> BuiltIn { get; } = ["random"];
}
