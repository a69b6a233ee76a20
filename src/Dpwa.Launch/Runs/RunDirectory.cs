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
            // Written aside and moved, which fails when it is there: nobody ever reads half a record, and of two that start at once one gets it.
            var draft = Path.Combine(path, $"run.{record.RunId}.tmp");
            File.WriteAllText(draft, record.ToJson());
            try
            {
                RemoveIfOver(path);
                File.Move(draft, RecordFile(path), overwrite: false);
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

    /// <summary>The log of a worker.</summary>
    public string WorkerLog(string worker) => Path.Combine(Location, $"{string.Concat(worker.Select(c => Path.GetInvalidFileNameChars().Contains(c) ? '_' : c))}.log");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (RunRecord.Read(RecordFile(Location))?.RunId == Record.RunId) File.Delete(RecordFile(Location));
    }

    internal static string RecordFile(string path) => Path.Combine(path, "run.json");

    // A supervisor that was killed could not take its record away.
    private static void RemoveIfOver(string path)
    {
        if (RunRecord.Read(RecordFile(path)) is not { Supervisor.IsAlive: true }) File.Delete(RecordFile(path));
    }
}
