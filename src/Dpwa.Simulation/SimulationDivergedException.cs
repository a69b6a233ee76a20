namespace Dpwa.Simulation;

/// <summary>A simulation could not go on because its training ran away: where, and what to do, in one sentence.</summary>
/// <param name="message">The sentence.</param>
public sealed class SimulationDivergedException(string message) : Exception(message);
