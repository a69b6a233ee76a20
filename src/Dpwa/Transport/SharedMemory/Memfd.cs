using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Dpwa.Transport.SharedMemory;

/// <summary>
/// Memory that is a file without a name (<c>memfd_create(2)</c>). Compared with a file in /dev/shm: the kernel frees it when the last process that holds it ends,
/// however that happens; it can be sealed, so that nobody can truncate it under a reader; and the small /dev/shm of a container is no limit.
/// Another process of the same user opens it by <c>/proc/PID/fd/N</c>.
/// </summary>
[SupportedOSPlatform("linux")]
internal static partial class Memfd
{
    /// <summary>Whether this system has it.</summary>
    [SupportedOSPlatformGuard("linux")]
    public static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    private const uint CloseOnExec = 1, AllowSealing = 2;
    private const int AddSeals = 1033, GetSeals = 1034;
    private const int SealSeal = 1, SealShrink = 2, SealGrow = 4;
    private const int OwnerOnly = 0b110_000_000;

    /// <summary>A file of this length whose length can never change again. It takes memory only where <see cref="Reserve"/> says so.</summary>
    /// <exception cref="IOException">The system does not permit it.</exception>
    public static SafeFileHandle Create(string name, long length)
    {
        int descriptor = MemfdCreate(name, CloseOnExec | AllowSealing);
        if (descriptor < 0)
            throw Failed("created");
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FChMod(file, OwnerOnly) == 0 && FTruncate(file, (nint)length) == 0 && FCntl(file, AddSeals, SealShrink | SealGrow | SealSeal) == 0)
            return file;
        IOException failure = Failed("set up");
        file.Dispose();
        throw failure;
    }

    /// <summary>Takes the memory of a part, so that writing there cannot fail later.</summary>
    /// <exception cref="IOException">There is not so much.</exception>
    public static void Reserve(SafeFileHandle file, long offset, long length)
    {
        const int interrupted = 4;
        while (FAllocate(file, 0, (nint)offset, (nint)length) != 0)
        {
            if (Marshal.GetLastPInvokeError() != interrupted)
                throw Failed($"given {length / 1e6:0.#} MB");
        }
    }

    /// <summary>Opens another process's file: one that is this user's alone, and sealed.</summary>
    /// <exception cref="IOException">It cannot be opened, or is not such a file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static SafeFileHandle Open(int process, int descriptor, long length)
    {
        SafeFileHandle file = File.OpenHandle($"/proc/{process}/fd/{descriptor}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Span<byte> status = stackalloc byte[256];
        const int ofDescriptor = 0x1000;
        const uint modeOwnerSize = 0x1 | 0x2 | 0x8 | 0x200;

        // The seals first: what is true of a sealed file stays so.
        int seals = FCntl(file, GetSeals, 0);
        bool isOurs = StatX(file, "", ofDescriptor, modeOwnerSize, ref MemoryMarshal.GetReference(status)) == 0
            && MemoryMarshal.Read<uint>(status[20..]) == GetEffectiveUser()
            && (MemoryMarshal.Read<ushort>(status[28..]) & 0xFFF) == OwnerOnly
            && MemoryMarshal.Read<long>(status[40..]) == length;
        if (isOurs && seals >= 0 && (seals & (SealShrink | SealGrow)) == (SealShrink | SealGrow))
            return file;
        file.Dispose();
        throw new IOException("it is not memory of this user that a node shares");
    }

    private static IOException Failed(string what) => new($"it cannot be {what}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FTruncate(SafeFileHandle file, nint length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FAllocate(SafeFileHandle file, int mode, nint offset, nint length);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FChMod(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FCntl(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatX(SafeFileHandle file, string path, int flags, uint mask, ref byte result);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveUser();
}
