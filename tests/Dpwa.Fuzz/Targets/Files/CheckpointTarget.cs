using Dpwa.Checkpoints;
using Dpwa.Fuzz.Engine;

namespace Dpwa.Fuzz.Targets.Files;

/// <summary>
/// A checkpoint of a small model and its worker. Promises: it is refused with its name and nothing is changed, or it is loaded whole; what was loaded is saved to a file that loads the
/// same. No other exception, and no memory by what the header says.
/// </summary>
internal sealed class CheckpointTarget : FuzzTarget
{
    private static readonly DpwaOptions Options = new() { Nodes = [new("w1", "127.0.0.1", 0)], Transport = TransportChoice.Tcp };
    private static readonly ParameterLayout Layout = new(
    [
        new TensorInfo("weight", [2, 3], ElementType.Float32, TensorKind.Parameter),
        new TensorInfo("running_var", [], ElementType.Float64, TensorKind.Statistic),
        new TensorInfo("größe", [1], ElementType.BFloat16, TensorKind.Parameter),
    ]);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"dpwa-fuzz-{Environment.ProcessId}.safetensors");
    private DpwaConnection? _worker;

    public override string Name => "checkpoints";

    public override string Extension => ".safetensors";

    public override IReadOnlyList<byte[]> Words { get; } = Texts(CheckpointBytes.Words);

    /// <summary>A worker of its own for each file that is loaded, and the buffer through which the file is read.</summary>
    public override long MostAllocated(int length) => 2 * 1024 * 1024 + 256L * length;

    public override long MostWork(int length) => 500_000 + 2_000L * length;

    public override byte[] Repair(byte[] input, Random random) => CheckpointBytes.Repair(input, random);

    public override IEnumerable<byte[]> Seeds()
    {
        using var worker = new DpwaConnection("w1", Options);
        var model = new ArrayModel(Layout);
        DpwaCheckpoint.Save(_path, Parts(worker, model), new Dictionary<string, string>(StringComparer.Ordinal) { ["epoch"] = "3", ["größe"] = "\"\n" });
        byte[] whole = File.ReadAllBytes(_path);
        DpwaCheckpoint.Save(_path, [new ParameterSetPart(model)]);
        byte[] bare = File.ReadAllBytes(_path);
        File.Delete(_path);
        return [whole, bare];
    }

    public override bool Check(byte[] input)
    {
        _worker ??= new DpwaConnection("w1", Options);
        File.WriteAllBytes(_path, input);
        try
        {
            return Load(_worker);
        }
        finally
        {
            File.Delete(_path);
        }
    }

    private bool Load(DpwaConnection worker)
    {
        var model = new ArrayModel(Layout);
        IReadOnlyDictionary<string, string> notes;
        try
        {
            notes = DpwaCheckpoint.Load(_path, Parts(worker, model));
        }
        catch (DpwaCheckpointException e)
        {
            Require(e.Message.Contains($"'{_path}'", StringComparison.Ordinal) && !e.IsTransient, "a refusal does not name the file, or says that it may pass");
            ForPeople.Check(e.Message, longest: 4000);
            Require(model.HasContentOf(new ArrayModel(Layout)), "a file was refused and the model changed");
            Require(worker.ExportState() is { Clock: 0, Round: 0 }, "a file was refused and the worker changed");
            return false;
        }

        // Who has been loaded into has begun.
        using DpwaConnection begun = worker;
        _worker = null;
        WorkerState state = worker.ExportState();
        Require(double.IsFinite(state.Clock) && state is { Clock: >= 0, Round: >= 0, Weight: > 0 } && double.IsFinite(state.Weight), "a state was loaded that is none");
        SameAgain(worker, model, notes, state);
        return true;
    }

    private void SameAgain(DpwaConnection worker, ArrayModel model, IReadOnlyDictionary<string, string> notes, WorkerState state)
    {
        DpwaCheckpoint.Save(_path, Parts(worker, model), notes);
        using var again = new DpwaConnection("w1", Options);
        var loaded = new ArrayModel(Layout);
        IReadOnlyDictionary<string, string> loadedNotes = DpwaCheckpoint.Load(_path, Parts(again, loaded));
        Require(loaded.HasContentOf(model), "a model is not loaded as it was saved");
        Require(again.ExportState() == state, "a worker is not loaded as it was saved");
        Require(loadedNotes.Count == notes.Count && notes.All(n => loadedNotes[n.Key] == n.Value), "notes are not loaded as they were saved");
    }

    private static CheckpointPart[] Parts(DpwaConnection worker, ArrayModel model) => [new WorkerPart(worker), new ParameterSetPart(model)];
}
