using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dpwa.Checkpoints;

/// <summary>
/// A file that appears whole or not at all, also when the process is killed or the power fails: it is written under another name in the same folder, brought to the disk,
/// renamed, and the folder is brought to the disk too, without which the rename may be lost.
/// </summary>
internal sealed partial class DurableFile : IDisposable
{
    private const string Unfinished = ".saving";

    private readonly string _path, _folder, _temporary;
    private readonly FileStream _file;
    private bool _isOpen = true;

    /// <summary>Begins the file, and removes what a process left of it that was killed while it saved.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public DurableFile(string path)
    {
        _path = Path.GetFullPath(path);
        _folder = Path.GetDirectoryName(_path) ?? throw new IOException("it names a folder, not a file");
        Directory.CreateDirectory(_folder);
        RemoveUnfinished(Path.GetFileName(_path));

        // A name of its own each time: two processes that save to one path by mistake must not write into one file.
        _temporary = $"{_path}.{Path.GetRandomFileName()}{Unfinished}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 16 };

        // Nobody may read it who might not read the one before.
        if (!OperatingSystem.IsWindows() && File.Exists(_path))
            options.UnixCreateMode = File.GetUnixFileMode(_path);
        _file = new FileStream(_temporary, options);
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => _file;

    /// <summary>Whether it has taken the place of the one before.</summary>
    public bool IsInPlace { get; private set; }

    /// <summary>The file is complete: it takes the place of the one before.</summary>
    public void Commit()
    {
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _isOpen = false;
        IsInPlace = true;
        if (!OperatingSystem.IsWindows())
            FlushFolder();
    }

    /// <summary>Without a <see cref="Commit"/> nothing remains of it.</summary>
    public void Dispose()
    {
        if (!_isOpen)
            return;
        _isOpen = false;
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // What was left in the buffer does not fit either. The handle is closed all the same.
        }

        try
        {
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is gone, say. What has failed before is told, and not this; the next save removes it.
        }
    }

    private void RemoveUnfinished(string name)
    {
        // By its length too: "w1.best.….saving" begins like one of "w1".
        int length = name.Length + 1 + Path.GetRandomFileName().Length + Unfinished.Length;
        foreach (string left in Directory.EnumerateFiles(_folder, "*" + Unfinished))
        {
            if (Path.GetFileName(left) is not { } found || found.Length != length || !found.StartsWith(name + ".", StringComparison.Ordinal))
                continue;
            try
            {
                // Who still saves holds it; who was killed does not.
                new FileStream(left, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is held, gone, or another user's: in nobody's way.
            }
        }
    }

    private void FlushFolder()
    {
        // The base class library opens no folders.
        using var folder = new SafeFileHandle(Open(_folder, 0), ownsHandle: true);
        if (folder.IsInvalid || FSync(folder) != 0)
        {
            // Some network file systems know no fsync of a folder, and then renaming is theirs to keep.
            const int invalid = 22;
            int error = Marshal.GetLastPInvokeError();
            if (error != invalid)
                throw new IOException($"the folder cannot be brought to the disk: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(SafeFileHandle file);
}
