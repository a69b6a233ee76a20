using System.Numerics;
using Dpwa.Simulation.Problems;

namespace Dpwa.Simulation.Runs;

/// <summary>One repetition of the baseline: a synchronous mean after every step. A round is one step of all nodes, however long it takes.</summary>
internal sealed class AllReduceRun(SimulationSettings settings, int seed)
{
    private readonly IProblem _problem = settings.Problem.Create(settings.Options.Nodes.Count, seed);

    public SimulationRun Run(CancellationToken ct)
    {
        int nodes = settings.Options.Nodes.Count;
        int[] all = [.. Enumerable.Range(0, nodes)];
        float[] models = new float[nodes * _problem.Dimension];
        var ensemble = new Ensemble(_problem);
        var rounds = new List<RoundFigures>();
        var trace = new TraceHash();
        foreach (int node in all)
            _problem.Start(node, Model(node));
        double[] losses = ensemble.Losses(Model, nodes);
        rounds.Add(ensemble.Look(Model, all, losses, default));

        double bytes = 2.0 * (nodes - 1) / nodes * ParameterLayout.Flat(_problem.Dimension).PayloadLength;
        TimeSpan step = all.Max(settings.StepTimeOf) + Exchange(nodes, bytes);
        for (int round = 1; round <= settings.Rounds; round++)
        {
            ct.ThrowIfCancellationRequested();
            foreach (int node in all)
                losses[node] = _problem.Step(node, Model(node));
            ensemble.Average(Model, all);
            for (int i = 0; i < models.Length; i++)
                models[i] = (float)ensemble.Mean[i % _problem.Dimension];
            rounds.Add(ensemble.Look(Model, all, losses, new() { Round = round, Time = step.TotalSeconds * round, BytesPerNode = bytes * round, Steps = (double)nodes * round }));
        }

        foreach (float value in models)
            trace.Add(BitConverter.SingleToUInt32Bits(value));
        return new(trace.Value, rounds);

        Span<float> Model(int node) => models.AsSpan(node * _problem.Dimension, _problem.Dimension);
    }

    /// <summary>The least that an all-reduce takes: each link carries its share at full speed, all as long as the slowest, and a tree's depth of messages follow each other, there and back.</summary>
    private TimeSpan Exchange(int nodes, double bytes)
    {
        TimeSpan carrying = settings.Network.BytesPerSecond is { } rates ? TimeSpan.FromSeconds(bytes / Enumerable.Range(0, nodes).Min(node => rates.Of(node, seed))) : TimeSpan.Zero;
        return carrying + 2 * BitOperations.Log2((uint)(2 * nodes - 1)) * settings.Network.Latency.Mean;
    }
}
