namespace Dpwa.Data;

/// <summary>Which worker of how many: whose share of the data is meant.</summary>
public readonly record struct DataShard
{
    /// <summary>The share of worker number <paramref name="worker"/> of <paramref name="workers"/>.</summary>
    /// <param name="worker">From 0.</param>
    /// <param name="workers">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is out of range.</exception>
    public DataShard(int worker, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(worker);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(worker, workers);
        Worker = worker;
        Workers = workers;
    }

    /// <summary>The worker's number, from 0.</summary>
    public int Worker { get; }

    /// <summary>The number of workers.</summary>
    public int Workers { get; }

    /// <summary>The share of a node of the configuration: its number is its place in the list of nodes, which is the same everywhere.</summary>
    /// <exception cref="DpwaConfigurationException">No node has this name.</exception>
    public static DataShard Of(DpwaOptions options, string name)
    {
        ArgumentNullException.ThrowIfNull(options);
        DpwaNode node = options.Node(name);
        return new(Enumerable.Range(0, options.Nodes.Count).First(i => options.Nodes[i].Name == node.Name), options.Nodes.Count);
    }
}
