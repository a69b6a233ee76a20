using Dpwa.Checkpoints;
using Dpwa.TorchSharp.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp;

/// <summary>
/// Saves a model, its optimizer, its worker and torch's random state to one file, and goes on from there: bit for bit where the worker has no peers. The file is as
/// <see cref="DpwaCheckpoint"/> describes it; the model's tensors have their <c>state_dict()</c> names and types in it.
/// </summary>
/// <remarks>Save and load between <c>UpdateWait</c> and the next <c>UpdateSend</c>, on the thread that trains. Learning-rate schedulers and the order of the data are yours to restore; what
/// they need, such as the epoch, is what the notes are for. The random state of a GPU is not saved: TorchSharp gives no access to it.</remarks>
public static class TorchCheckpoint
{
    /// <summary>Saves to a file, which replaces the one before when it is whole and on the disk.</summary>
    /// <param name="path">The file. Folders that are missing are made.</param>
    /// <param name="net">The model: parameters and buffers of its state, filtered or not.</param>
    /// <param name="optimizer">Its optimizer, with the options of its groups; null: none is saved.</param>
    /// <param name="adapter">Its worker: clock, round, push-sum weight, outer optimizer; null when it trains alone.</param>
    /// <param name="notes">Texts of your own by name, such as the epoch; names that begin with <c>dpwa.</c> are the library's.</param>
    /// <param name="parts">State of your own.</param>
    /// <exception cref="ArgumentException">A tensor cannot be stored (complex, sparse, without values), or a name is taken.</exception>
    /// <exception cref="DpwaCheckpointException">The file cannot be written. The one before is as it was.</exception>
    public static void Save(string path, nn.Module net, OptimizerHelper? optimizer = null, DpwaTorchAdapter? adapter = null, IReadOnlyDictionary<string, string>? notes = null,
        params IReadOnlyList<CheckpointPart> parts) =>
        DpwaCheckpoint.Save(path, [.. Parts(net, optimizer, adapter), .. parts], notes);

    /// <summary>
    /// Loads what <see cref="Save"/> saved into a model and optimizer of the same kind, in place: no tensor of the model is replaced. The adapter must be new, before its first
    /// <c>UpdateSend</c>. Gives the notes.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="net">The model.</param>
    /// <param name="optimizer">Its optimizer; null when none was saved. Its options, the learning rate for one, become those that were saved.</param>
    /// <param name="adapter">Its worker; null loads the model alone.</param>
    /// <param name="parts">State of your own.</param>
    /// <exception cref="DpwaCheckpointException">There is no such file, it is damaged, or it is of something else; the message names every tensor that does not fit. Nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">The worker has begun to train.</exception>
    public static IReadOnlyDictionary<string, string> Load(string path, nn.Module net, OptimizerHelper? optimizer = null, DpwaTorchAdapter? adapter = null,
        params IReadOnlyList<CheckpointPart> parts) =>
        DpwaCheckpoint.Load(path, [.. Parts(net, optimizer, adapter), .. parts]);

    /// <summary>Loads the model alone, to test it or to use it: whatever else was saved with it stays in the file. Gives the notes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="net">The model.</param>
    /// <exception cref="DpwaCheckpointException">There is no such file, it is damaged, or it is of another model. Nothing was changed.</exception>
    public static IReadOnlyDictionary<string, string> LoadModel(string path, nn.Module net) => DpwaCheckpoint.Load(path, [new ModulePart(net, alone: true)]);

    /// <summary>Those that may still refuse while they read come first.</summary>
    private static IEnumerable<CheckpointPart> Parts(nn.Module net, OptimizerHelper? optimizer, DpwaTorchAdapter? adapter)
    {
        if (adapter is not null)
            yield return new WorkerPart(adapter.Connection);
        yield return new ModulePart(net);
        if (optimizer is not null)
            yield return new OptimizerPart(optimizer, net);
        yield return new RandomPart();
    }
}
