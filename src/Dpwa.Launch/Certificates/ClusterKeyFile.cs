using System.Security.Cryptography;

namespace Dpwa.Launch.Certificates;

/// <summary>The file of <c>cluster_key</c>.</summary>
public static class ClusterKeyFile
{
    private const int Bytes = 32;

    /// <summary>Writes a new key of 256 random bits, as hexadecimal digits, that only its owner can read.</summary>
    /// <exception cref="LaunchException">It is there and <paramref name="overwrite"/> is false, or it cannot be written.</exception>
    public static void Write(string path, bool overwrite)
    {
        if (!overwrite && File.Exists(path))
            throw new LaunchException($"{path} is already there: workers that have it would be refused by those that get a new one. Choose another name, or overwrite it with --force.");
        OwnFile.Write(path, $"{RandomNumberGenerator.GetHexString(2 * Bytes, lowercase: true)}\n", isSecret: true);
    }
}
