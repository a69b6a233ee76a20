namespace Dpwa.Launch.Doctor;

/// <summary>Something that a look at the running nodes has found.</summary>
/// <param name="Node">The node to look at.</param>
/// <param name="IsProblem">Whether exchanges fail, or will; else it is only to be known.</param>
/// <param name="Text">What it is, and what to do about it: sentences.</param>
public sealed record Finding(string Node, bool IsProblem, string Text);

/// <summary>How one node reaches another, as it says itself.</summary>
/// <param name="From">Who asks for parameters.</param>
/// <param name="To">Whose.</param>
/// <param name="Seen">What it knows of it.</param>
public sealed record NodeLink(string From, string To, PeerStatus Seen);
