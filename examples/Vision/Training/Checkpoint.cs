using System.Globalization;
using Dpwa.Checkpoints;
using Dpwa.TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Training;

/// <summary>What a checkpoint says of itself.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Images">The shape of its images.</param>
/// <param name="Epoch">How many epochs were trained.</param>
/// <param name="Accuracy">Its accuracy on the test images, in [0, 1].</param>
/// <param name="Loss">The moving average of the training loss.</param>
public sealed record CheckpointInfo(string Model, string Images, int Epoch, double Accuracy, double Loss);

/// <summary>A model, its optimizer and its worker in one file of <see cref="TorchCheckpoint"/>, with notes of what it is.</summary>
public static class Checkpoint
{
    /// <summary>Writes the file. It is complete or not there at all.</summary>
    public static void Save(string path, CheckpointInfo info, Module net, OptimizerHelper optimizer, DpwaTorchAdapter? worker = null)
    {
        ArgumentNullException.ThrowIfNull(info);
        TorchCheckpoint.Save(path, net, optimizer, worker, notes: new Dictionary<string, string>
        {
            ["model"] = info.Model,
            ["images"] = info.Images,
            ["epoch"] = info.Epoch.ToString(CultureInfo.InvariantCulture),
            ["accuracy"] = info.Accuracy.ToString(CultureInfo.InvariantCulture),
            ["loss"] = info.Loss.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Loads the file into a model, its optimizer and its worker, which must be of the kind that was saved.</summary>
    /// <exception cref="DpwaCheckpointException">There is no such file, it is damaged, or it is for another model or other images.</exception>
    public static CheckpointInfo Load(string path, string model, string images, Module net, OptimizerHelper optimizer, DpwaTorchAdapter? worker = null)
    {
        var notes = new Notes(path, model, images);
        TorchCheckpoint.Load(path, net, optimizer, worker, notes);
        return notes.Info!;
    }

    /// <summary>Looks at the notes before anything is loaded: two models may have the same tensors.</summary>
    private sealed class Notes(string path, string model, string images) : CheckpointPart
    {
        public CheckpointInfo? Info { get; private set; }

        public override IEnumerable<StoredTensor> Tensors() => [];

        public override void Write(string name, CheckpointWriter file)
        {
        }

        public override void Check(CheckpointReader file)
        {
            ArgumentNullException.ThrowIfNull(file);
            IReadOnlyDictionary<string, string> notes = file.Facts;
            if (!notes.TryGetValue("model", out string? ofModel) || !notes.TryGetValue("images", out string? ofImages))
                throw new VisionException($"'{path}' is not a checkpoint of this program.");
            if (ofModel != model || ofImages != images)
                throw new VisionException($"The checkpoint '{path}' is of {ofModel} for images of {ofImages}, not of {model} for {images}.");
            Info = new(model, images, int.Parse(notes["epoch"], CultureInfo.InvariantCulture), double.Parse(notes["accuracy"], CultureInfo.InvariantCulture),
                double.Parse(notes["loss"], CultureInfo.InvariantCulture));
        }

        public override void Read(CheckpointReader file)
        {
        }
    }
}
