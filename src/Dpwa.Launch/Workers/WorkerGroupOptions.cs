namespace Dpwa.Launch.Workers;

/// <summary>How a <see cref="WorkerGroup"/> runs its workers.</summary>
public sealed record WorkerGroupOptions
{
    /// <summary>Told of everything that happens, one event at a time and in order. It must not block for long: workers wait for their output to be taken.
    /// An exception from it ends the group by force and comes out of <see cref="WorkerGroup.Completion"/>.</summary>
    public Action<LaunchEvent> OnEvent { get; init; } = static _ => { };

    /// <summary>Marks the processes of the group: each has it in its environment as <see cref="WorkerGroup.RunIdVariable"/>.</summary>
    public string RunId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>What to do when a worker fails.</summary>
    public RestartPolicy Restart { get; init; } = RestartPolicy.Never;

    /// <summary>How long a worker has to end once it is asked to, and what it left behind once it ended.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of delays and durations.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
