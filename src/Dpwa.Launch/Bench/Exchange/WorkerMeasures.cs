using System.Text.Json;
using Dpwa.Launch.Bench.Memory;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>All that one worker has measured.</summary>
internal sealed record WorkerMeasures
{
    /// <summary>Steps without training.</summary>
    public required StepMeasures Exchange { get; init; }

    /// <summary>Steps with training; the same when there is none.</summary>
    public required StepMeasures Train { get; init; }

    public required IReadOnlyList<long> AllocatedBytes { get; init; }

    public required IReadOnlyList<double> RawSocket { get; init; }

    public required IReadOnlyList<MemoryRates> Memory { get; init; }

    /// <summary>Milliseconds of a plain copy and a plain blend before and after training; none without training.</summary>
    public IReadOnlyList<double> AroundTraining { get; init; } = [];

    public required long PrivateBytes { get; init; }

    /// <summary>What each file in shared memory takes, by its identity on this machine.</summary>
    public required IReadOnlyDictionary<string, long> SharedFiles { get; init; }

    public static string FileOf(string directory, int index) => Path.Combine(directory, $"worker{index}.json");

    public static WorkerMeasures? Read(string path) => File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), BenchJson.Default.WorkerMeasures) : null;

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, BenchJson.Default.WorkerMeasures));
}

/// <summary>The steps of one part: in blocks with exchanges and blocks without, in turn.</summary>
internal sealed record StepMeasures
{
    /// <summary>Whole steps in milliseconds, of those whose exchange averaged.</summary>
    public List<double> Step { get; init; } = [];

    /// <summary>Inside UpdateSend and UpdateWait, of the same steps.</summary>
    public List<double> Blocked { get; init; } = [];

    /// <summary>From the request until the last byte was verified, of the same steps.</summary>
    public List<double> Transfer { get; init; } = [];

    /// <summary>Whole steps without exchange.</summary>
    public List<double> StepAlone { get; init; } = [];

    /// <summary>CPU time of all threads a step in milliseconds, of each block with exchanges.</summary>
    public List<double> Cpu { get; init; } = [];

    /// <summary>The same of each block without.</summary>
    public List<double> CpuAlone { get; init; } = [];

    /// <summary>The bytes of a payload, as it travels.</summary>
    public long PayloadBytes { get; set; }

    /// <summary>Steps whose exchange did not average: they are not in the lists.</summary>
    public int Failed { get; set; }

    /// <summary>Why the last of them did not.</summary>
    public string? LastFailure { get; set; }
}
