namespace Dpwa.TorchSharp.Tests.Vision;

/// <summary>A directory that is gone after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dpwa-vision-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Write(string name, params ReadOnlySpan<byte> content) => System.IO.File.WriteAllBytes(File(name), content);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
