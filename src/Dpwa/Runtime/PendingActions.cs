using Dpwa.Exchange;

namespace Dpwa.Runtime;

/// <summary>
/// What one caller has to do after it has left the node's gate: let connections send or close, and log. Each caller has its own, so that
/// the training thread never does another thread's sending.
/// </summary>
internal sealed class PendingActions
{
    /// <summary>Those that this thread is doing. What comes up meanwhile joins them and does not nest: each of many peers that refuse on the spot would else add
    /// to the stack.</summary>
    [ThreadStatic]
    private static PendingActions? _running;

    public List<ConnectionPump> Kicks { get; } = [];

    public List<Report> Reports { get; } = [];

    public void Run(NodeRuntime runtime)
    {
        foreach (Report report in Reports)
            runtime.Log.Write(report);
        Reports.Clear();
        if (_running is { } outer)
        {
            if (outer != this)
            {
                outer.Kicks.AddRange(Kicks);
                Kicks.Clear();
            }

            return;
        }

        _running = this;
        try
        {
            // By index and cleared first: a connection that is kicked may queue more.
            while (Kicks.Count > 0)
            {
                ConnectionPump pump = Kicks[^1];
                Kicks.RemoveAt(Kicks.Count - 1);
                pump.Kick();
            }
        }
        finally
        {
            _running = null;
        }
    }
}
