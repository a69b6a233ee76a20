namespace Dpwa.Cli.Tests.Support;

/// <summary>What somebody says, one after the other, and a way to wait until something is said.</summary>
internal sealed class Lines<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _all = [];
    private readonly List<(Func<T, bool> Wanted, TaskCompletionSource<T> Found)> _waiting = [];

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
                if (wanted(line)) found.TrySetResult(line);
        }
    }

    /// <summary>The first that is wanted, said already or still to come.</summary>
    public Task<T> FirstAsync(Func<T, bool> wanted)
    {
        var found = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            foreach (var line in _all)
                if (wanted(line)) found.TrySetResult(line);
            _waiting.Add((wanted, found));
        }

        return found.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
