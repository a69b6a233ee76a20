using System.ComponentModel;
using System.Diagnostics;

namespace Dpwa.Launch.Processes;

/// <summary>Where there are no sessions (Windows): the children are found by their parents. A console's Ctrl-C reaches the workers by itself there, so
/// asking to end is left to it.</summary>
internal sealed class ChildTree(Process process) : IProcessTree
{
    public void Signal(int signal)
    {
        if (!OperatingSystem.IsWindows() && !process.HasExited) _ = Libc.Kill(process.Id, signal);
    }

    public void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended first, or a child of it did.
        }
    }

    public int CountAlive() => process.HasExited ? 0 : 1;
}
