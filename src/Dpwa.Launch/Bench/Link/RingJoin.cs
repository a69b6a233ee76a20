namespace Dpwa.Launch.Bench.Link;

/// <summary>Joins the ring: opens a door at the node's own address, which the node itself needs only afterwards, for the worker before this one, and connects to the one after it.</summary>
internal sealed class RingJoin(DpwaOptions options, string name, string settings, TimeSpan patience)
{
    /// <exception cref="BenchException">Another worker did not come, or measures something else.</exception>
    public async Task<Ring> RunAsync()
    {
        var nodes = options.Nodes;
        var place = nodes.TakeWhile(node => node.Name != name).Count();
        var (before, after) = (nodes[(place + nodes.Count - 1) % nodes.Count], nodes[(place + 1) % nodes.Count]);
        using var late = new CancellationTokenSource(patience);
        var hello = new RingHello("", name, settings);
        using var door = new RingDoor(nodes[place], before, hello, patience);
        var path = new RingPath(after, hello, patience);
        // On whichever of the two something goes wrong, the other one has nothing to wait for, and nothing to say.
        BenchException? first = null;
        var connecting = Run(() => new RingNeighbour(after.Name, path.Connect(RingHello.Control, late.Token), path.Connect(RingHello.Raw, late.Token)));
        var accepting = Run(() => door.Accept(late.Token));
        await ((Task)Task.WhenAll(connecting, accepting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first is not null) throw first;
        return new(await accepting.ConfigureAwait(false), await connecting.ConfigureAwait(false), isFirst: place == 0);

        Task<RingNeighbour> Run(Func<RingNeighbour> part) => Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return part();
                }
                catch (BenchException e)
                {
                    Interlocked.CompareExchange(ref first, e, null);
                    late.Cancel();
                    throw;
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
