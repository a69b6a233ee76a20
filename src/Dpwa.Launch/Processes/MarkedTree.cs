namespace Dpwa.Launch.Processes;

/// <summary>All processes that were started with a certain variable in their environment: finds also those that left their session, and those whose
/// launcher is gone. Linux only; elsewhere there are none.</summary>
internal sealed class MarkedTree(string name, string value) : IProcessTree
{
    public void Signal(int signal)
    {
        foreach (var id in Ids()) _ = Libc.Kill(id, signal);
    }

    public void Kill() => Signal(Libc.SigKill);

    public int CountAlive() => Ids().Count();

    private IEnumerable<int> Ids() => ProcessTable.AliveWithVariable($"{name}={value}").Where(id => id != Environment.ProcessId);
}
