using Dpwa.Launch.Cpus;

namespace Dpwa.Launch.Workers;

/// <summary>Something that happened in a <see cref="WorkerGroup"/>. They are told one at a time, in order.</summary>
public abstract record LaunchEvent;

/// <summary>A worker's process runs.</summary>
/// <param name="Worker">The name of the worker.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="Cpus">The CPUs it is pinned to, or null.</param>
/// <param name="Restarts">0 the first time.</param>
public sealed record WorkerStarted(string Worker, int ProcessId, CpuSet? Cpus, int Restarts) : LaunchEvent;

/// <summary>A worker wrote a line.</summary>
/// <param name="Worker">The name of the worker.</param>
/// <param name="Text">The line, without its end.</param>
/// <param name="IsError">Whether it came from standard error.</param>
public sealed record WorkerOutput(string Worker, string Text, bool IsError) : LaunchEvent;

/// <summary>A worker's process ended.</summary>
/// <param name="Worker">The name of the worker.</param>
/// <param name="ExitCode">Its exit code; 128 + n when signal n ended it.</param>
/// <param name="Outcome">What that means.</param>
public sealed record WorkerExited(string Worker, int ExitCode, WorkerOutcome Outcome) : LaunchEvent;

/// <summary>A worker ended but processes that it started still run: they are asked to end too.</summary>
/// <param name="Worker">The name of the worker.</param>
/// <param name="Processes">How many.</param>
public sealed record WorkerLeftProcesses(string Worker, int Processes) : LaunchEvent;

/// <summary>A worker that failed will be started again.</summary>
/// <param name="Worker">The name of the worker.</param>
/// <param name="Delay">After how long.</param>
/// <param name="Restarts">Which restart this is, from 1.</param>
public sealed record WorkerRestarting(string Worker, TimeSpan Delay, int Restarts) : LaunchEvent;

/// <summary>All workers are asked to end.</summary>
/// <param name="Running">How many run.</param>
/// <param name="Grace">How long they have.</param>
public sealed record GroupStopping(int Running, TimeSpan Grace) : LaunchEvent;

/// <summary>The workers that still run are ended by force.</summary>
/// <param name="Workers">Their names.</param>
public sealed record GroupKilling(IReadOnlyList<string> Workers) : LaunchEvent;
