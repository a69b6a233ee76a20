using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Dpwa.Security;

/// <summary>Files of certificates and keys. What is read of them is never repeated in a message.</summary>
internal static class SecretFile
{
    private const int Largest = 64 * 1024;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The text of a file that everybody may read.</summary>
    /// <exception cref="DpwaConfigurationException">It cannot be read.</exception>
    public static string ReadPublic(string path, string what) => Read(path, what, isSecret: false);

    /// <summary>The text of a file that only its owner may read: as with ssh, a key that others can read is not used at all.</summary>
    /// <exception cref="DpwaConfigurationException">It cannot be read, or others can read it.</exception>
    public static string ReadSecret(string path, string what) => Read(path, what, isSecret: true);

    /// <summary>An error of a file, or of the options when it is about none.</summary>
    public static DpwaConfigurationException Wrong(string? path, string message) => new([new(path, 0, 0, message)]);

    /// <summary>The path as seen from the folder of the configuration file.</summary>
    public static string Locate(DpwaOptions options, string path) =>
        options.Source is { } source && Path.GetDirectoryName(source) is { Length: > 0 } folder ? Path.Combine(folder, path) : path;

    private static string Read(string path, string what, bool isSecret)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);

            // Of the open file, not of the path, which may lead elsewhere in the next moment.
            if (isSecret && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != UnixFileMode.None)
                throw Wrong(path, $"{what} can be read by others than its owner, and is therefore not used: 'chmod 600 {path}', and make a new one if somebody may have read it");
            byte[] bytes = new byte[Largest + 1];
            int length = 0;
            for (int count; length < bytes.Length && (count = RandomAccess.Read(file, bytes.AsSpan(length), length)) > 0; length += count)
            {
            }

            return length <= Largest ? Encoding.UTF8.GetString(bytes, 0, length) : throw Wrong(path, $"this is longer than {Largest / 1024} KiB; is it {what}?");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Wrong(path, $"there is no such file, which should be {what} (the full path is '{Path.GetFullPath(path)}')");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Wrong(path, $"{what} cannot be read: {e.Message}");
        }
    }
}
