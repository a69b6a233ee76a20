using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Dpwa.TorchSharp.Loading;

/// <summary>Owner and kind of a file, which the base class library does not tell. By <c>statx(2)</c>, whose structure is the same on every architecture.</summary>
[SupportedOSPlatform("linux")]
internal static partial class UnixFile
{
    /// <summary>The numeric id of the user that this process acts as.</summary>
    public static uint EffectiveUser => GetEffectiveUser();

    /// <summary>The status of what <paramref name="path"/> names; a link is not followed.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static Status StatusOf(string path)
    {
        const int currentDirectory = -100;
        const int noFollow = 0x100;
        const uint typeModeOwner = 0x1 | 0x2 | 0x8;
        Span<byte> buffer = stackalloc byte[256];
        if (StatX(currentDirectory, path, noFollow, typeModeOwner, ref MemoryMarshal.GetReference(buffer)) != 0)
            throw new IOException($"The owner of {path} cannot be told: {Marshal.GetLastPInvokeErrorMessage()}");
        return new(
            MemoryMarshal.Read<uint>(buffer[20..]),
            MemoryMarshal.Read<ushort>(buffer[28..]));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatX(int directory, string path, int flags, uint mask, ref byte result);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveUser();

    /// <summary>What <c>stx_uid</c> and <c>stx_mode</c> say.</summary>
    internal readonly record struct Status(uint Owner, ushort Bits)
    {
        public bool IsDirectory => (Bits & 0xf000) == 0x4000;

        public bool IsFile => (Bits & 0xf000) == 0x8000;

        public UnixFileMode Mode => (UnixFileMode)(Bits & 0xfff);
    }
}
