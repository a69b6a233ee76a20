using System.Runtime.InteropServices;

namespace Dpwa.Launch.Processes;

/// <summary>The few calls of the C library that .NET has no method for. Linux and macOS; the two about CPUs and statx are Linux only.</summary>
internal static partial class Libc
{
    public const int SigHup = 1, SigInt = 2, SigKill = 9, SigTerm = 15;

    /// <summary>Room for 8,192 CPUs, the most that a Linux kernel is built for.</summary>
    public const int CpuMaskWords = 128;

    /// <summary>Of <see cref="StatX"/>: the length of what it fills in, and where in it are the inode, the number of blocks of 512 bytes and the device.</summary>
    public const int StatXBytes = 256, StatXInode = 32, StatXBlocks = 48, StatXDevice = 136;

    public const uint StatXInodeAndBlocks = 0x100 | 0x400;

    /// <summary>A relative path begins at the current directory.</summary>
    public const int FromHere = -100;

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

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StatX(int directory, string path, int flags, uint mask, ref byte status);
}
