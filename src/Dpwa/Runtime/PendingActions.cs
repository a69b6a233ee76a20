using Dpwa.Exchange;

namespace Dpwa.Runtime;

/// <summary>
/// What one caller has to do after it has left the node's gate: let connections send or close, and log. Each caller has its own, so that
/// the training thread never does another thread's sending.
/// </summary>
internal sealed class PendingActions
{
    public List<ConnectionPump> Kicks { get; } = [];

    public List<Report> Reports { get; } = [];

    public void Run(NodeRuntime runtime)
    {
        // By index and cleared first: a connection that is kicked may queue more.
        while (Kicks.Count > 0)
        {
            ConnectionPump pump = Kicks[^1];
            Kicks.RemoveAt(Kicks.Count - 1);
            pump.Kick();
        }

        foreach (Report report in Reports)
            runtime.Log.Write(report);
        Reports.Clear();
    }
}
