using Dpwa.Launch.Runs;
using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Output;

/// <summary>Shows a run as it goes.</summary>
internal interface IRunOutput
{
    void Planned(RunPlan plan);

    void InBackground(RunDirectory directory);

    void Happened(LaunchEvent what);

    void Finished(IReadOnlyList<WorkerResult> results);
}
