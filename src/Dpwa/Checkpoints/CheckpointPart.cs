namespace Dpwa.Checkpoints;

/// <summary>
/// Something that a checkpoint keeps: a model, an optimizer, a worker's state, or state of your own, such as where a reader of data is. <see cref="DpwaCheckpoint"/> puts parts together
/// in one file. When loading, every part looks first (<see cref="Check"/>); only when nothing is refused are they changed (<see cref="Read"/>), in the order given.
/// </summary>
public abstract class CheckpointPart
{
    /// <summary>Names of tensors and texts that begin so belong to the library: <c>dpwa.</c></summary>
    public const string Reserved = "dpwa.";

    /// <summary>The tensors to be saved. Called once for each checkpoint, before anything else.</summary>
    public abstract IEnumerable<StoredTensor> Tensors();

    /// <summary>Texts to be saved, by name; by default none.</summary>
    public virtual IEnumerable<KeyValuePair<string, string>> Facts() => [];

    /// <summary>Writes the elements of one of the tensors. They are asked for in the order of the file.</summary>
    /// <param name="name">Which.</param>
    /// <param name="file">Where: exactly as many bytes as the tensor has.</param>
    public abstract void Write(string name, CheckpointWriter file);

    /// <summary>Says with <see cref="CheckpointReader.Expect"/> what will be read, and with <see cref="CheckpointReader.Refuse"/> what else does not fit. Nothing is changed.</summary>
    public abstract void Check(CheckpointReader file);

    /// <summary>Takes over what the file has. It has been checked.</summary>
    public abstract void Read(CheckpointReader file);
}
