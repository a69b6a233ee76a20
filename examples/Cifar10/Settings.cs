using System.Text.RegularExpressions;
using Dpwa.Data;
using Dpwa.Examples.Vision;
using Dpwa.Examples.Vision.Data;
using Microsoft.Extensions.Logging;
using TorchSharp;

namespace Dpwa.Examples.Cifar10;

/// <summary>The command line, as values. <see cref="CommandLine"/> says what each one is.</summary>
internal sealed partial record Settings
{
    public required string Name { get; init; }
    public required string? ConfigFile { get; init; }
    public required string Model { get; init; }
    public required double LearningRate { get; init; }
    public required int BatchSize { get; init; }
    public required int Epochs { get; init; }
    public required string? Data { get; init; }
    public required int? TrainSize { get; init; }
    public required bool ByLabel { get; init; }
    public required bool Resume { get; init; }
    public required int Seed { get; init; }
    public required int? Threads { get; init; }
    public required string CheckpointDirectory { get; init; }
    public required string Device { get; init; }
    public required string? TraceDirectory { get; init; }
    public required int? TestEvery { get; init; }
    public required int? Alternate { get; init; }

    /// <summary>Where this worker keeps its best model.</summary>
    public string CheckpointFile => Path.Combine(CheckpointDirectory, FileName("best"));

    /// <summary>A name for a file of this worker.</summary>
    public string FileName(string extension) => $"{string.Join('_', Name.Split(Path.GetInvalidFileNameChars()))}.{extension}";

    /// <summary>Looks at every value that cannot be used.</summary>
    /// <exception cref="VisionException">There is one; the message has a line for each.</exception>
    public void Validate()
    {
        (bool Right, string Message)[] rules =
        [
            (LearningRate is > 0 and < double.PositiveInfinity, "--lr must be above 0."),
            (BatchSize >= 1, "--batch-size must be at least 1."),
            (Epochs >= 1, "--epochs must be at least 1."),
            (TrainSize is null or >= 1, "--train-size must be at least 1."),
            (Threads is null or >= 1, "--threads must be at least 1."),
            (TestEvery is null or >= 1, "--test-every must be at least 1."),
            (Alternate is null or >= 1, "--alternate must be at least 1."),
            (DeviceName().IsMatch(Device), "--device must be cpu, cuda or cuda:<index>."),
        ];
        if (!rules.All(r => r.Right))
            throw new VisionException(string.Join(Environment.NewLine, rules.Where(r => !r.Right).Select(r => r.Message)));
    }

    /// <summary>The cluster's configuration; null without one.</summary>
    public DpwaOptions? LoadCluster(ILoggerFactory loggers) =>
        ConfigFile is null ? null : DpwaOptions.Load(ConfigFile) with { LoggerFactory = loggers };

    /// <summary>The images of --data, or synthetic ones.</summary>
    public DataSet LoadData()
    {
        DataSet data = DataSet.Load(Data);
        return TrainSize is int size ? data with { Train = data.Train.Take(size) } : data;
    }

    /// <summary>Which images the worker trains on in each epoch: its share of all, dealt anew, or always those of a few classes (--by-label).</summary>
    public ShardedSampler Sampler(DataShard shard, ImageSet images) => ByLabel
        ? ShardedSampler.ByLabel(shard, [.. images.Labels.Select(label => (int)label)], Seed)
        : ShardedSampler.ByIndex(shard, images.Count, Seed);

    /// <summary>Makes batches of the training images; no two workers draw the same augmentation.</summary>
    public ImageBatches TrainingBatches(DataSet data, DataShard shard, torch.Device device) => new(data.Train, BatchSize)
    {
        Augmentation = data.Augmentation,
        Seed = new SplitMix64((ulong)Seed, (ulong)shard.Worker).Next(),
        Device = device,
    };

    /// <summary>Sets the number of threads, and gives the device.</summary>
    /// <exception cref="VisionException">There is no such device here.</exception>
    public torch.Device UseDevice()
    {
        if (Threads is int threads)
            torch.set_num_threads(threads);
        if (Device.StartsWith("cuda", StringComparison.Ordinal) && !torch.cuda.is_available())
            throw new VisionException($"--device {Device} needs a GPU and the CUDA build of libtorch; this program was built with the one for CPUs.");
        return torch.device(Device);
    }

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,3})?)$", RegexOptions.ExplicitCapture)]
    private static partial Regex DeviceName();
}
