using System.Diagnostics;
using System.Runtime.InteropServices;
using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Cpus;

/// <summary>On which CPUs this process and the ones it starts may run.</summary>
public static class Affinity
{
    /// <summary>Whether a worker can be pinned on this system (Linux and Windows; macOS has no such call).</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsWindows();

    /// <summary>The CPUs that this process may use: what a container or <c>taskset</c> left it.</summary>
    public static CpuSet Own()
    {
        if (OperatingSystem.IsLinux()) return OfCallingThread() ?? All();
        return OperatingSystem.IsWindows() ? FromMask(Process.GetCurrentProcess().ProcessorAffinity) : All();
    }

    /// <summary>How many threads each worker can keep busy: one a CPU of its share, fewer where a container's limit on CPU time is lower than its number of CPUs.</summary>
    /// <param name="share">The CPUs of the worker.</param>
    /// <param name="workers">How many workers share the machine.</param>
    public static int Threads(CpuSet share, int workers)
    {
        ArgumentNullException.ThrowIfNull(share);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        // .NET counts the time that the container may use, the affinity does not know it.
        var isLimited = Environment.ProcessorCount < Own().Count;
        return isLimited ? Math.Clamp(Environment.ProcessorCount / workers, 1, share.Count) : share.Count;
    }

    /// <summary>Starts a process that is pinned from its first instruction. A thread's mask is inherited by what it starts, so a thread of
    /// its own is pinned, starts the process and ends: no other thread of this process is ever moved.</summary>
    internal static Task<Process> StartAsync(ProcessStartInfo what, CpuSet? cpus)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                if (cpus is not null && OperatingSystem.IsLinux()) PinCallingThread(cpus);
                var process = Process.Start(what)!;
                if (cpus is not null && OperatingSystem.IsWindows()) PinOnWindows(process, cpus);
                started.SetResult(process);
            }
            catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
            {
                started.SetException(e);
            }
        })
        { Name = "dpwa-start", IsBackground = true };
        thread.Start();
        return started.Task;
    }

    private static CpuSet All() => new(Enumerable.Range(0, Environment.ProcessorCount));

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private static CpuSet? OfCallingThread()
    {
        var mask = new ulong[Libc.CpuMaskWords];
        if (Libc.SchedGetAffinity(0, (nuint)(mask.Length * sizeof(ulong)), mask) != 0) return null;
        var cpus = Enumerable.Range(0, mask.Length * 64).Where(cpu => (mask[cpu / 64] >> (cpu % 64) & 1) != 0).ToArray();
        return cpus.Length == 0 ? null : new(cpus);
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private static void PinCallingThread(CpuSet cpus)
    {
        var mask = new ulong[Libc.CpuMaskWords];
        foreach (var cpu in cpus.Cpus.Where(cpu => cpu < mask.Length * 64)) mask[cpu / 64] |= 1UL << (cpu % 64);
        if (Libc.SchedSetAffinity(0, (nuint)(mask.Length * sizeof(ulong)), mask) != 0)
            throw new InvalidOperationException($"cannot pin to CPU {cpus}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    // Windows has no way to say it before the start through Process; the mask of a process covers the threads that it already has.
    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
    private static void PinOnWindows(Process process, CpuSet cpus)
    {
        try
        {
            process.ProcessorAffinity = (nint)cpus.Cpus.Where(cpu => cpu < 64).Aggregate(0UL, (mask, cpu) => mask | 1UL << cpu);
        }
        catch (InvalidOperationException)
        {
            // It has ended already: how is told by its exit code.
        }
    }

    private static CpuSet FromMask(nint mask) => new(Enumerable.Range(0, 64).Where(cpu => ((ulong)mask >> cpu & 1) != 0));
}
