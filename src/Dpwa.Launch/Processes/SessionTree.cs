namespace Dpwa.Launch.Processes;

/// <summary>A session and process group that its first process leads (<see cref="SessionCommand"/>).</summary>
internal sealed class SessionTree(int leader) : IProcessTree
{
    public void Signal(int signal)
    {
        // Between the start and its setsid the leader is not yet one, and alone.
        if (Libc.Kill(-leader, signal) != 0) _ = Libc.Kill(leader, signal);

        // A shell with job control gives its jobs groups of their own, within the session.
        foreach (var process in ProcessTable.Alive().Where(process => process.Session == leader && Libc.GetPgid(process.Id) != leader))
            _ = Libc.Kill(process.Id, signal);
    }

    public void Kill() => Signal(Libc.SigKill);

    public int CountAlive()
    {
        if (ProcessTable.IsSupported) return ProcessTable.Alive().Count(process => process.Session == leader || process.Id == leader);
        return Libc.Kill(-leader, 0) == 0 ? 1 : 0;
    }
}
