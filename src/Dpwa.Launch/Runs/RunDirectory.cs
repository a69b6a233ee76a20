using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Runs;

/// <summary>The log directory of a run, which belongs to one run at a time. Disposing it gives it back.</summary>
public sealed class RunDirectory : IDisposable
{
    /// <summary>The directory unless another is asked for.</summary>
    public const string DefaultPath = "dpwa-logs";

    private RunDirectory(string path, RunRecord record) => (Location, Record) = (path, record);

    /// <summary>Where it is.</summary>
    public string Location { get; }

    /// <summary>Whose it is.</summary>
    public RunRecord Record { get; }

    /// <summary>Where a run in the background writes what it would have shown.</summary>
    public string SupervisorLog => Path.Combine(Location, "dpwa-run.log");

    /// <summary>Where a run without a configuration puts its own.</summary>
    public string TemporaryConfig => Path.Combine(Location, RunPlan.DefaultConfig);

    /// <summary>Takes it for this process.</summary>
    /// <exception cref="LaunchException">Another run has it, or it cannot be written.</exception>
    public static RunDirectory Claim(string path, TimeSpan grace)
    {
        var record = new RunRecord(Guid.NewGuid().ToString("N"), ProcessIdentity.Own(), grace.TotalSeconds);
        try
        {
            Directory.CreateDirectory(path);
            // Written aside and published, which fails when it is there: nobody ever reads half a record, and of two that start at once one gets it,
            // also when both find the record of a run that is over.
            var draft = Path.Combine(path, $"run.{record.RunId}.tmp");
            File.WriteAllText(draft, record.ToJson());
            try
            {
                RemoveIfOver(path);
                Publish(draft, RecordFile(path));
            }
            finally
            {
                File.Delete(draft);
            }

            return new(path, record);
        }
        catch (IOException) when (RunRecord.Read(RecordFile(path)) is { Supervisor: { IsAlive: true } other })
        {
            throw new LaunchException($"Another run (process {other.Id}) is using {path}: stop it with 'dpwa stop{StopOption(path)}', or give this one another directory with --logs.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"Cannot use the log directory {path}: {e.Message}", e);
        }
    }

    /// <summary>What <c>dpwa stop</c> needs to be told to find a run that logs to <paramref name="path"/>.</summary>
    public static string StopOption(string path) => path == DefaultPath ? "" : $" --logs {path}";

    /// <summary>The logs of all workers of a configuration, in their order: each named after its worker, and no two of them the same file.</summary>
    public IReadOnlyList<string> WorkerLogs(IReadOnlyList<string> workers)
    {
        ArgumentNullException.ThrowIfNull(workers);
        // On some systems "W" and "w" are one file.
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Path.GetFileNameWithoutExtension(SupervisorLog) };
        var invalid = Path.GetInvalidFileNameChars();
        return [.. workers.Select(Log)];

        string Log(string worker, int index)
        {
            var file = string.Concat(worker.Select(c => invalid.Contains(c) ? '_' : c));
            while (!taken.Add(file)) file += $"-{index.ToString(CultureInfo.InvariantCulture)}";
            return Path.Combine(Location, $"{file}.log");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (RunRecord.Read(RecordFile(Location))?.RunId == Record.RunId) File.Delete(RecordFile(Location));
    }

    internal static string RecordFile(string path) => Path.Combine(path, "run.json");

    /// <summary>Takes the record away if it is that of a run that is over: its supervisor was killed and could not.</summary>
    internal static void RemoveIfOver(string path)
    {
        if (Text(path) is not { } text || RunRecord.Parse(text) is { Supervisor.IsAlive: true }) return;

        // Somebody else may be about to do the same, and then to put a record of his own there, which must stay. So removing this one takes a lock
        // that is named after it: once it is gone, whoever gets the lock sees that, for there are no two records of the same text.
        var name = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
        try
        {
            using var right = new FileStream(Path.Combine(path, $"run.{name}.over"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            if (Text(path) == text) File.Delete(RecordFile(path));
        }
        catch (IOException)
        {
            // Somebody else is removing it.
        }
    }

    // Where there are links File.Move looks first and renames then, so that of two at once both succeed; a link is made by one alone.
    private static void Publish(string draft, string file)
    {
        const int exists = 17;
        if (!OperatingSystem.IsWindows())
        {
            if (Libc.Link(draft, file) == 0) return;
            if (Marshal.GetLastPInvokeError() == exists) throw new IOException($"{file} is already there.");
        }

        // Windows, or a file system without links.
        File.Move(draft, file, overwrite: false);
    }

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(RecordFile(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
