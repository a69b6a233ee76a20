namespace Dpwa.Launch.Processes;

internal static class TreeEnding
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    // What the kernel does not let go (a process in uninterruptible sleep) is not waited for.
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(2);

    /// <summary>Waits until nothing of the tree is alive; by force when <paramref name="grace"/> is over or <paramref name="killing"/> is cancelled.</summary>
    /// <returns>Whether it ended without force.</returns>
    public static async Task<bool> WaitOrKillAsync(this IProcessTree tree, TimeSpan grace, TimeProvider time, CancellationToken killing)
    {
        if (await GoneWithinAsync(tree, grace, time, killing).ConfigureAwait(false)) return true;
        tree.Kill();
        await GoneWithinAsync(tree, KillPatience, time, CancellationToken.None).ConfigureAwait(false);
        return false;
    }

    /// <summary>Waits until nothing of the tree is alive, or until <paramref name="limit"/> is over or <paramref name="ct"/> is cancelled.</summary>
    /// <returns>Whether nothing is.</returns>
    public static async Task<bool> GoneWithinAsync(this IProcessTree tree, TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (tree.CountAlive() > 0)
        {
            if (ct.IsCancellationRequested || (limit != Timeout.InfiniteTimeSpan && time.GetElapsedTime(began) >= limit)) return false;
            await Task.Delay(Poll, time, CancellationToken.None).ConfigureAwait(false);
        }

        return true;
    }
}
