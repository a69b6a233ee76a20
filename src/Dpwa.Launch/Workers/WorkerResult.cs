namespace Dpwa.Launch.Workers;

/// <summary>How a worker ended.</summary>
public enum WorkerOutcome
{
    /// <summary>By itself, with exit code 0.</summary>
    Succeeded,

    /// <summary>By itself, with another exit code or by a signal that we did not send.</summary>
    Failed,

    /// <summary>Because it was asked to.</summary>
    Stopped,

    /// <summary>By force: it did not end within the grace period.</summary>
    Killed,
}

/// <summary>What became of one worker.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="ExitCode">The exit code of its last process; 128 + n when signal n ended it.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="Elapsed">From its first start to its last end.</param>
/// <param name="LogFile">Where its output is, or null.</param>
public sealed record WorkerResult(string Name, WorkerOutcome Outcome, int ExitCode, int Restarts, TimeSpan Elapsed, string? LogFile)
{
    /// <summary>Whether nothing went wrong: it did its work, or ended in order when it was asked to.</summary>
    public bool IsSuccess => Outcome is WorkerOutcome.Succeeded or WorkerOutcome.Stopped;
}
