using System.Text;

namespace Dpwa.Launch.Certificates;

/// <summary>Writes whole files or none, readable by their owner only where they are secret.</summary>
internal static class OwnFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode All = Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <exception cref="LaunchException">It cannot be written.</exception>
    public static void Write(string path, string text, bool isSecret)
    {
        var unfinished = $"{path}.new";
        try
        {
            File.Delete(unfinished);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = isSecret ? Owner : All;
            using (var file = new FileStream(unfinished, options))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"Cannot write {path}: {e.Message}", e);
        }
    }
}
