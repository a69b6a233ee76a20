namespace Dpwa.Examples.Cifar10;

/// <summary>A worker's own part of the training images: every N-th, so that the parts are disjoint, all images are used, and no part is special.</summary>
/// <param name="Worker">The worker's place among the nodes, from 0.</param>
/// <param name="Workers">How many there are.</param>
/// <param name="Indices">Its images.</param>
internal sealed record OwnPart(int Worker, int Workers, IReadOnlyList<int> Indices)
{
    public static OwnPart Of(int images, DpwaOptions? cluster, string name)
    {
        if (cluster is null)
            return new OwnPart(0, 1, [.. Enumerable.Range(0, images)]);
        int workers = cluster.Nodes.Count, worker = Math.Max(0, cluster.Nodes.ToList().FindIndex(n => n.Name == name));
        return new OwnPart(worker, workers, [.. Enumerable.Range(0, images).Where(i => i % workers == worker)]);
    }

    public override string ToString() => Workers == 1
        ? $"alone, with all {Indices.Count:N0} images"
        : $"worker {Worker + 1} of {Workers}, with {Indices.Count:N0} images of its own";
}
