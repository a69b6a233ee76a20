namespace Dpwa.Simulation.Problems;

/// <summary>What the nodes of a simulation learn. One object for all of them; nothing in it depends on the order in which they are asked.</summary>
public interface IProblem
{
    /// <summary>The number of parameters.</summary>
    int Dimension { get; }

    /// <summary>Where a node begins.</summary>
    void Start(int node, Span<float> x);

    /// <summary>A node's training step: <c>x ← x − η·g</c>, in place.</summary>
    /// <returns>Its loss before the step.</returns>
    double Step(int node, Span<float> x);

    /// <summary>The loss of one model on everything.</summary>
    double Loss(ReadOnlySpan<double> x);
}
