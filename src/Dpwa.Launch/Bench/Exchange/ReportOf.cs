using Dpwa.Launch.Bench.Memory;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>Sums up what workers have measured.</summary>
internal static class ReportOf
{
    /// <exception cref="BenchException">No exchange averaged, so that there is nothing to report.</exception>
    public static ExchangeReport Workers(ExchangeSettings settings, DpwaOptions options, IReadOnlyList<string> names, bool pinned, IReadOnlyList<WorkerMeasures> all)
    {
        StepMeasures[] parts = [.. all.SelectMany(worker => settings.TrainMilliseconds > 0 ? new[] { worker.Exchange, worker.Train } : [worker.Exchange])];
        var lastFailure = parts.Select(part => part.LastFailure).LastOrDefault(failure => failure is not null);
        if (parts.Any(part => part.Step.Count == 0)) throw new BenchException($"Not one exchange averaged in a part of the measurement; the last one: {lastFailure}.");
        return new()
        {
            Transport = Words.Of(options.Transport),
            Codec = Words.Of(options.Codec),
            Apply = Words.Of(options.Apply),
            Bytes = settings.Bytes,
            Tensors = settings.Tensors,
            PayloadBytes = parts[0].PayloadBytes,
            Workers = options.Nodes.Count,
            Reporting = names,
            Pinned = pinned,
            RateBitsPerSecond = settings.BitsPerSecond,
            Train = Words.Of(settings.Train),
            TrainMs = settings.TrainMilliseconds,
            Steps = settings.Steps,
            MeasuredExchanges = parts.Sum(part => part.Step.Count),
            FailedExchanges = parts.Sum(part => part.Failed),
            LastFailure = lastFailure,
            ExchangeMs = Spread.Of(all.SelectMany(worker => worker.Exchange.Blocked)),
            BlockedMs = Spread.Of(all.SelectMany(worker => worker.Train.Blocked)),
            LostMs = Spread.Of(all.SelectMany(worker => Lost(worker.Train))),
            CpuMs = Spread.MedianOf(all.SelectMany(worker => worker.Train.Cpu)) - Spread.MedianOf(all.SelectMany(worker => worker.Train.CpuAlone)),
            LimitAroundTrainingMs = settings.TrainMilliseconds > 0 ? Spread.MedianOf(all.SelectMany(worker => worker.AroundTraining)) : null,
            MbPerS = parts[0].PayloadBytes / Spread.MedianOf(all.SelectMany(worker => worker.Exchange.Transfer)) / 1e3,
            RawSocketMbPerS = Spread.MedianOf(all.SelectMany(worker => worker.RawSocket)),
            MemcpyGbPerS = MedianOf(rates => rates.Copy),
            BlendGbPerS = Math.Max(MedianOf(rates => rates.Primitive), MedianOf(rates => rates.Loop)),
            MixGbPerS = MedianOf(rates => rates.Mix),
            AllocatedBytesPerStep = (long)Spread.MedianOf(all.SelectMany(worker => worker.AllocatedBytes).Select(bytes => (double)bytes)),
            PrivateMb = Spread.MedianOf(all.Select(worker => worker.PrivateBytes / 1e6)),
            // A file that several of them have open is there once.
            SharedMb = all.SelectMany(worker => worker.SharedFiles).DistinctBy(file => file.Key).Sum(file => file.Value) / 1e6 / all.Count,
        };

        double MedianOf(Func<MemoryRates, IReadOnlyList<double>> of) => Spread.MedianOf(all.SelectMany(worker => worker.Memory).SelectMany(of));
    }

    private static IEnumerable<double> Lost(StepMeasures steps)
    {
        var alone = Spread.MedianOf(steps.StepAlone);
        return steps.Step.Select(step => step - alone);
    }
}
