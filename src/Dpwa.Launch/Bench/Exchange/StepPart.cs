using Dpwa.Launch.Bench.Link;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>
/// One part of the measurement: blocks of steps with exchanges and blocks of the same steps without, in turn, so that whatever else the machine does hits
/// both. All workers are in the same kind of block: who has finished its own goes on, unmeasured, until all have, for the others' exchanges are with it.
/// </summary>
internal sealed class StepPart(ExchangeStep step, Training training, Ring ring)
{
    private const int Blocks = 5;

    public StepMeasures Run(int steps)
    {
        var measures = new StepMeasures();
        var size = Math.Clamp(steps / Blocks, 1, steps);
        for (var done = 0; done < steps; done += size)
        {
            var count = Math.Min(size, steps - done);
            Block(count, isAlone: false, measures);
            Block(count, isAlone: true, measures);
        }

        return measures;
    }

    /// <summary>What each step allocates, in all threads.</summary>
    public IReadOnlyList<long> Allocations(int steps)
    {
        var allocated = new long[steps];
        // The first is the one that allocates what asking takes.
        for (var i = -1; i < steps; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            step.Run(training);
            if (i >= 0) allocated[i] = GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        UntilAllHave(isAlone: false);
        return allocated;
    }

    /// <summary>Exchanges until so many have averaged.</summary>
    public void WarmUp(int count)
    {
        for (var done = 0; done < count;) done += step.Run(training).HasFailed ? 0 : 1;
        UntilAllHave(isAlone: false);
    }

    private void Block(int count, bool isAlone, StepMeasures measures)
    {
        // A peer may still be busy with the end of the block before.
        One(isAlone);
        var cpu = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < count; i++) Add(One(isAlone), isAlone, measures);
        (isAlone ? measures.CpuAlone : measures.Cpu).Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / count);
        UntilAllHave(isAlone);
    }

    private StepTimes One(bool isAlone) => isAlone ? ExchangeStep.RunAlone(training) : step.Run(training);

    private static void Add(in StepTimes times, bool isAlone, StepMeasures measures)
    {
        if (isAlone)
        {
            measures.StepAlone.Add(times.Whole.TotalMilliseconds);
        }
        else if (times.HasFailed)
        {
            measures.Failed++;
            measures.LastFailure = times.Result.Reason ?? times.Result.Outcome.ToString();
        }
        else
        {
            measures.Step.Add(times.Whole.TotalMilliseconds);
            measures.Blocked.Add(times.Blocked.TotalMilliseconds);
            measures.Transfer.Add(times.Transfer.TotalMilliseconds);
            measures.PayloadBytes = times.Result.Bytes;
        }
    }

    private void UntilAllHave(bool isAlone)
    {
        var all = ring.BarrierAsync();
        // Steps of nothing would only keep the CPU from the barrier.
        while (!all.IsCompleted && !(isAlone && training.IsNothing)) One(isAlone);
        all.GetAwaiter().GetResult();
    }
}
