namespace Dpwa.Cli.Tests.Support;

/// <summary>What somebody says, one after the other, and a way to wait until something is said.</summary>
internal sealed class Lines<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _all = [];
    private readonly List<(Func<T, bool> Wanted, TaskCompletionSource<int> Found)> _waiting = [];

    public IReadOnlyList<T> All
    {
        get
        {
            lock (_gate) return [.. _all];
        }
    }

    public void Add(T line)
    {
        lock (_gate)
        {
            _all.Add(line);
            foreach (var (wanted, found) in _waiting)
                if (wanted(line)) found.TrySetResult(_all.Count - 1);
            _waiting.RemoveAll(waiting => waiting.Found.Task.IsCompleted);
        }
    }

    /// <summary>The first that is wanted, said already or still to come.</summary>
    public async Task<T> FirstAsync(Func<T, bool> wanted)
    {
        var at = await IndexAsync(wanted);
        return All[at];
    }

    /// <summary>The place of the first that is wanted, at <paramref name="from"/> or later.</summary>
    public Task<int> IndexAsync(Func<T, bool> wanted, int from = 0)
    {
        var found = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            for (var i = from; i < _all.Count; i++)
                if (wanted(_all[i])) return Task.FromResult(i);
            _waiting.Add((wanted, found));
        }

        return found.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
