using System.Runtime.InteropServices;
using Dpwa.Checkpoints;

namespace Dpwa;

/// <summary>
/// Saves a worker and its parameters to one file, and goes on from there: bit for bit where it has no peers. The file is in the safetensors format, so Python reads the
/// tensors; it carries the SHA-256 of its content, and is refused when a bit of it has changed. It is written beside the one before and then takes its place, on the disk,
/// so that a crash or a full disk leaves one that is whole.
/// </summary>
/// <remarks>Models of TorchSharp, with their optimizer: <c>Dpwa.TorchSharp.TorchCheckpoint</c>. Save between <c>UpdateWait</c> and the next <c>UpdateSend</c>.</remarks>
public static class DpwaCheckpoint
{
    /// <summary>Saves a worker of flat vectors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="connection">The worker.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="notes">Texts of your own by name, such as the epoch.</param>
    /// <exception cref="DpwaCheckpointException">The file cannot be written. The one before is as it was.</exception>
    public static void Save(string path, DpwaConnection connection, ReadOnlyMemory<float> parameters, IReadOnlyDictionary<string, string>? notes = null) =>
        Save(path, [new WorkerPart(connection), new FlatPart(MemoryMarshal.AsMemory(parameters))], notes);

    /// <summary>Saves a worker with its parameter set.</summary>
    /// <param name="path">The file.</param>
    /// <param name="connection">The worker.</param>
    /// <param name="notes">Texts of your own by name, such as the epoch.</param>
    /// <exception cref="InvalidOperationException">The connection has no parameter set.</exception>
    /// <exception cref="DpwaCheckpointException">The file cannot be written. The one before is as it was.</exception>
    public static void Save(string path, DpwaConnection connection, IReadOnlyDictionary<string, string>? notes = null) => Save(path, WithSet(connection), notes);

    /// <summary>Loads what <see cref="Save(string, DpwaConnection, ReadOnlyMemory{float}, IReadOnlyDictionary{string, string})"/> saved, before the worker's first <c>UpdateSend</c>.
    /// Gives the notes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="connection">The worker.</param>
    /// <param name="parameters">Filled with its parameters; as many as were saved.</param>
    /// <exception cref="DpwaCheckpointException">There is no such file, it is damaged, or it is of something else. Nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">The worker has begun to train.</exception>
    public static IReadOnlyDictionary<string, string> Load(string path, DpwaConnection connection, Memory<float> parameters) =>
        Load(path, [new WorkerPart(connection) { FlatLayout = parameters.IsEmpty ? null : ParameterLayout.Flat(parameters.Length) }, new FlatPart(parameters)]);

    /// <summary>Loads a worker with its parameter set, before the worker's first <c>UpdateSend</c>. Gives the notes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="connection">The worker.</param>
    /// <exception cref="DpwaCheckpointException">There is no such file, it is damaged, or it is of another model. Nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">The worker has begun to train, or has no parameter set.</exception>
    public static IReadOnlyDictionary<string, string> Load(string path, DpwaConnection connection) => Load(path, WithSet(connection));

    /// <summary>Saves parts of your choice.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parts">What it keeps. No two may have a tensor or a text of one name.</param>
    /// <param name="notes">Texts of your own by name; names that begin with <c>dpwa.</c> are the library's.</param>
    /// <exception cref="ArgumentException">Two tensors or texts have one name, or a note has a name of the library's or is null.</exception>
    /// <exception cref="InvalidOperationException">A part wrote another number of bytes than its tensor has.</exception>
    /// <exception cref="DpwaCheckpointException">The file cannot be written. The one before is as it was.</exception>
    public static void Save(string path, IReadOnlyList<CheckpointPart> parts, IReadOnlyDictionary<string, string>? notes = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var owners = new Dictionary<string, CheckpointPart>(StringComparer.Ordinal);
        var tensors = new List<StoredTensor>();
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string text) in notes ?? new Dictionary<string, string>())
        {
            if (name.StartsWith(CheckpointPart.Reserved, StringComparison.Ordinal))
                throw new ArgumentException($"The note '{name}' has a name of the library's: those begin with '{CheckpointPart.Reserved}'.", nameof(notes));
            facts.Add(name, text);
        }

        foreach (CheckpointPart part in parts)
        {
            foreach (StoredTensor tensor in part.Tensors())
            {
                if (!owners.TryAdd(tensor.Name, part))
                    throw new ArgumentException($"A checkpoint cannot hold two tensors named '{tensor.Name}'.", nameof(parts));
                tensors.Add(tensor);
            }

            foreach ((string name, string text) in part.Facts())
            {
                if (!facts.TryAdd(name, text))
                    throw new ArgumentException($"A checkpoint cannot hold two texts named '{name}'.", nameof(parts));
            }
        }

        using var file = new CheckpointWriter(path, tensors, facts);
        long end = 0;
        foreach (StoredTensor tensor in file.Tensors)
        {
            owners[tensor.Name].Write(tensor.Name, file);
            end += tensor.ByteLength;
            if (file.Written != end)
                throw new InvalidOperationException($"Tensor {tensor} has {tensor.ByteLength} bytes, and {file.Written - end + tensor.ByteLength} were written.");
        }

        file.Commit();
    }

    /// <summary>Loads parts: verifies the whole file, lets every part look whether it fits, and only then changes them, in the order given. Gives the notes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parts">What to load: together exactly the tensors of the file.</param>
    /// <exception cref="DpwaCheckpointException">There is no such file, it is damaged, or it does not fit; the message names every tensor that is missing, left over, or of another
    /// type or shape. Nothing was changed. (Only a disk that fails between verifying and reading leaves parts half loaded; <see cref="DpwaCheckpointException.IsTransient"/> is true then.)</exception>
    public static IReadOnlyDictionary<string, string> Load(string path, IReadOnlyList<CheckpointPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        using var file = new CheckpointReader(path);
        foreach (CheckpointPart part in parts)
            part.Check(file);
        file.ThrowIfRefused();
        foreach (CheckpointPart part in parts)
            part.Read(file);
        return file.Facts.Where(f => !f.Key.StartsWith(CheckpointPart.Reserved, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
    }

    private static CheckpointPart[] WithSet(DpwaConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        IParameterSet parameters = connection.ParameterSet
            ?? throw new InvalidOperationException("This connection has no parameter set: give the parameters as well.");
        return [new WorkerPart(connection), new ParameterSetPart(parameters)];
    }
}
