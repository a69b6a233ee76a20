namespace Dpwa.Peers.Topologies;

/// <summary>What a round makes of a value of each node, in expectation: <c>x_i ← (1−a)·x_i + a·E[x_j]</c>, j the partner.</summary>
internal static class ExpectedPull
{
    /// <summary>The partner of the schedule.</summary>
    public static Action<long, double[], double[]> On(ISchedule schedule, double a) => (round, values, result) =>
    {
        for (int i = 0; i < values.Length; i++)
        {
            int partner = schedule.Partner(round, i, values.Length);
            result[i] = partner == ISchedule.Idle ? values[i] : (1 - a) * values[i] + a * values[partner];
        }
    };

    /// <summary>Any neighbour on the graph of the options.</summary>
    public static Action<long, double[], double[]> OnGraph(DpwaOptions options, double a)
    {
        Dictionary<string, int> index = options.Nodes.Select((node, i) => (node.Name, i)).ToDictionary(n => n.Name, n => n.i, StringComparer.Ordinal);
        ILookup<int, int> edges = options.Graph.Select(e => (From: index[e.A], To: index[e.B]))
            .SelectMany(e => new[] { e, (From: e.To, To: e.From) }).Distinct().ToLookup(e => e.From, e => e.To);
        int[][] neighbours = [.. options.Nodes.Select((_, i) => edges[i].ToArray())];
        return (_, values, result) =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                double sum = 0;
                foreach (int j in neighbours[i])
                    sum += values[j];
                result[i] = (1 - a) * values[i] + a * sum / neighbours[i].Length;
            }
        };
    }
}
