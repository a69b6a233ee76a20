namespace Dpwa.Tests.Support;

/// <summary>A folder that is gone when the test is over.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dpwa-tests-").FullName;

    public string Of(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file that only its owner can read, or with another mode.</summary>
    public string Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        File.WriteAllText(Of(name), text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Of(name), mode);
        return Of(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
