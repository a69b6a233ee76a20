namespace Dpwa.Simulation;

/// <summary>What was asked for cannot be simulated: what is wrong and what to do, in one sentence.</summary>
/// <param name="message">The sentence.</param>
public sealed class SimulationException(string message) : Exception(message);
