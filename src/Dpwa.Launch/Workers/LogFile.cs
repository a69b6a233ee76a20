namespace Dpwa.Launch.Workers;

/// <summary>A worker's log: both of its outputs, line by line as they came, on disk at once so that it can be followed.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly StreamWriter? _writer;

    /// <exception cref="LaunchException">It cannot be written.</exception>
    public LogFile(string? path)
    {
        if (path is null) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _writer = new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete)) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"Cannot write the log file {path}: {e.Message}", e);
        }
    }

    public void Write(string line) => _writer?.WriteLine(line);

    public void Dispose() => _writer?.Dispose();
}
