namespace Dpwa.Runtime;

/// <summary>
/// Holds the caller of <c>UpdateWait</c> until its exchange is decided. A thread of the pool waits on a task, because the pool then starts another
/// thread at once to do the work that is waited for; any other thread waits on a monitor, which allocates nothing and does not spin, so that a
/// worker pinned to one core leaves it to the exchange.
/// </summary>
internal sealed class StepWaiter
{
    private readonly object _monitor = new();
    private bool _isSet;
    private TaskCompletionSource? _task;

    public void Reset()
    {
        lock (_monitor)
        {
            _isSet = false;
            _task = null;
        }
    }

    public void Set()
    {
        lock (_monitor)
        {
            _isSet = true;
            _task?.TrySetResult();
            Monitor.PulseAll(_monitor);
        }
    }

    /// <summary>Waits at most so long. Gives whether it was set.</summary>
    public bool Wait(TimeSpan limit)
    {
        if (Thread.CurrentThread.IsThreadPoolThread)
            return WaitAsync().Wait(limit);
        lock (_monitor)
        {
            // Not in a loop: who wakes for nothing looks at the time and comes back.
            return _isSet || (Monitor.Wait(_monitor, limit) && _isSet);
        }
    }

    public Task WaitAsync()
    {
        lock (_monitor)
            return _isSet ? Task.CompletedTask : (_task ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }
}
