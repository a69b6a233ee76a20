using Dpwa.Launch.Bench.Link;
using Dpwa.Launch.Bench.Memory;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>One worker of <see cref="ExchangeBench"/>, in a process of its own.</summary>
public static class ExchangeWorker
{
    private const long RawBytes = 300_000_000;
    private const int MostAllocationSteps = 50;
    private const int MostAroundTraining = 30;

    /// <summary>Measures, and leaves what it found where the job says. It needs a thread that is not of the pool, as a trainer has.</summary>
    /// <param name="job">What it is told by the process that started it.</param>
    /// <param name="name">Which node it is.</param>
    /// <param name="progress">Told what is being done, a sentence each.</param>
    /// <exception cref="BenchException">It cannot go on.</exception>
    public static void Run(string job, string name, Action<string> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var told = ExchangeJob.Parse(job);
        var (settings, options) = (told.Settings, told.OptionsOf(name));
        var index = options.Nodes.TakeWhile(node => node.Name != name).Count();
        var layout = ModelShape.ResNetLike(settings.Bytes, settings.Tensors);
        progress("waiting for the others");
        using var ring = new RingJoin(options, name, settings.Describe(), TimeSpan.FromSeconds(settings.WaitSeconds)).RunAsync().GetAwaiter().GetResult();

        progress("measuring what this machine can do");
        RuntimeWarmUp.Run(options, settings.Tensors);
        List<double> raw = [];
        List<MemoryRates> memory = [];
        Limits();
        RuntimeWarmUp.Settle();
        var idle = MemoryUse.Now();
        var measures = Exchange(idle);
        progress("measuring what this machine can do, again");
        Limits();
        if (settings.TrainMilliseconds > 0) measures = measures with { AroundTraining = AroundTraining() };
        (measures with { RawSocket = raw, Memory = memory }).Write(WorkerMeasures.FileOf(told.ReportDirectory, index));
        // Who has finished stays for the others.
        ring.Barrier();

        void Limits()
        {
            ring.Barrier();
            var rounds = settings.BitsPerSecond is null ? (int)Math.Clamp(RawBytes / layout.PayloadLength, 3, 200) : 3;
            raw.AddRange(RawExchange.Measure(ring, layout.PayloadLength, rounds));
            ring.Barrier();
            memory.Add(MemoryLimits.Measure(layout));
            ring.Barrier();
        }

        WorkerMeasures Exchange(MemoryUse idle)
        {
            using var model = new BenchModel(layout, index);
            using var connection = new DpwaConnection(name, options, model);
            using var step = new ExchangeStep(connection);
            using var nothing = new Training(TrainKind.Busy, 0);
            ring.Barrier();
            progress("exchanging");
            var plain = new StepPart(step, nothing, ring);
            plain.WarmUp(settings.WarmUp);
            var exchange = plain.Run(settings.Steps);
            var train = settings.TrainMilliseconds > 0 ? Train(step) : exchange;
            progress("counting what is allocated");
            var allocated = plain.Allocations(Math.Min(settings.Steps, MostAllocationSteps));
            var use = MemoryUse.Now();
            ring.Barrier();
            return new()
            {
                Exchange = exchange,
                Train = train,
                AllocatedBytes = allocated,
                RawSocket = [],
                Memory = [],
                PrivateBytes = use.Private - idle.Private,
                SharedFiles = use.SharedFiles,
            };
        }

        IReadOnlyList<double> AroundTraining()
        {
            progress("measuring what memory takes before and after training");
            using var training = new Training(settings.Train, settings.TrainMilliseconds);
            ring.Barrier();
            var times = MemoryLimits.MeasureAround(training.Run, layout, Math.Min(settings.Steps, MostAroundTraining));
            ring.Barrier();
            return times;
        }

        StepMeasures Train(ExchangeStep step)
        {
            progress("exchanging while training");
            using var training = new Training(settings.Train, settings.TrainMilliseconds);
            ring.Barrier();
            return new StepPart(step, training, ring).Run(settings.Steps);
        }
    }
}
