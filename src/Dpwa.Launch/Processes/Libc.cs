using System.Runtime.InteropServices;

namespace Dpwa.Launch.Processes;

/// <summary>The few calls of the C library that .NET has no method for. Linux and macOS; the two about CPUs are Linux only.</summary>
internal static partial class Libc
{
    public const int SigHup = 1, SigInt = 2, SigKill = 9, SigTerm = 15;

    /// <summary>Room for 8,192 CPUs, the most that a Linux kernel is built for.</summary>
    public const int CpuMaskWords = 128;

    /// <summary>Sends a signal to a process, or to a whole group when <paramref name="pid"/> is negative; signal 0 only asks.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getpgid", SetLastError = true)]
    public static partial int GetPgid(int pid);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Dup2(int from, int to);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    public static partial int SchedGetAffinity(int thread, nuint bytes, [Out] ulong[] mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    public static partial int SchedSetAffinity(int thread, nuint bytes, ulong[] mask);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string existing, string added);
}
