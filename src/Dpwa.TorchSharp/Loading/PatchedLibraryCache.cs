using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Dpwa.TorchSharp.Loading;

/// <summary>
/// Keeps adapted libraries in a directory that only this user can write, since what lies there is run. Files are named by their content,
/// written under a random name and renamed into place, so several workers may start at once; and what is found is loaded only when
/// its SHA-256 is that of the content that this process has just made.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class PatchedLibraryCache
{
    /// <summary>The environment variable that names another directory.</summary>
    public const string Variable = "DPWA_NATIVE_CACHE";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Loads <paramref name="content"/> as the library <paramref name="name"/> from the first directory that serves.</summary>
    /// <exception cref="IOException">None did; the message says why for each.</exception>
    public static nint Load(string name, byte[] content)
    {
        var failures = new List<string>();
        foreach (string directory in Candidates())
        {
            try
            {
                return NativeLibrary.Load(Place(directory, name, content));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
            {
                failures.Add($"in {directory}: {e.Message.TrimEnd()}");
            }
        }

        throw new IOException(string.Join(' ', failures));
    }

    /// <summary>Makes sure that the directory holds a library of exactly this content, and returns its path.</summary>
    /// <exception cref="IOException">The directory belongs to another user or is open to others, or the disk is full.</exception>
    public static string Place(string directory, string name, byte[] content)
    {
        // Created with its mode in one step; an existing one is left as it is, and then judged.
        Directory.CreateDirectory(directory, OwnerOnly);
        UnixFile.Status status = UnixFile.StatusOf(directory);
        if (!status.IsDirectory)
            throw new IOException($"{directory} is not a directory (a link is not followed).");
        if (status.Owner != UnixFile.EffectiveUser)
            throw new IOException($"{directory} belongs to user {status.Owner}, not to {UnixFile.EffectiveUser}.");
        if (status.Mode != OwnerOnly)
            throw new IOException($"{directory} has mode {Octal(status.Mode)} and not 0700; remove it.");

        byte[] hash = SHA256.HashData(content);
        string path = Path.Combine(directory, $"{Path.GetFileNameWithoutExtension(name)}-{Convert.ToHexStringLower(hash)[..16]}.so");
        if (!Holds(path, hash))
        {
            Write(path, content);
            if (!Holds(path, hash))
                throw new IOException($"{path} does not hold what was written to it.");
        }

        return path;
    }

    private static bool Holds(string path, byte[] hash)
    {
        if (!File.Exists(path))
            return false;
        UnixFile.Status status = UnixFile.StatusOf(path);
        const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if (!status.IsFile || status.Owner != UnixFile.EffectiveUser || (status.Mode & others) != UnixFileMode.None)
            return false;
        using FileStream stream = File.OpenRead(path);
        return SHA256.HashData(stream).AsSpan().SequenceEqual(hash);
    }

    private static void Write(string path, byte[] content)
    {
        string temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                PreallocationSize = content.Length,
                UnixCreateMode = OwnerOnly,
            };
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The user's cache directory; where there is no home (containers), one in the directory of temporary files.</summary>
    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen)
        {
            yield return Path.GetFullPath(chosen);
            yield break;
        }

        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (!Path.IsPathRooted(cache) && home.Length != 0)
            cache = Path.Combine(home, ".cache");
        if (Path.IsPathRooted(cache))
            yield return Path.Combine(cache, "dpwa-native");
        yield return Path.Combine(Path.GetTempPath(), $"dpwa-native-{UnixFile.EffectiveUser}");
    }

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8);
}
