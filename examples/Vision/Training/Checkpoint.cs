using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dpwa.Examples.Vision.Training;

/// <summary>What a checkpoint says of itself.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Images">The shape of its images.</param>
/// <param name="Epoch">How many epochs were trained.</param>
/// <param name="Accuracy">Its accuracy on the test images, in [0, 1].</param>
/// <param name="Loss">The moving average of the training loss.</param>
public sealed record CheckpointInfo(string Model, string Images, int Epoch, double Accuracy, double Loss);

/// <summary>
/// A model and its optimizer in one file: a signature of eight bytes; then what it says of itself (JSON), the model and the optimizer, each
/// behind its length as int32; and the SHA-256 of all that, so that a damaged file is noticed before anything is changed by it.
/// </summary>
public static class Checkpoint
{
    private static ReadOnlySpan<byte> Signature => "DPWACKP1"u8;

    /// <summary>Writes the file. It is complete or not there at all: it is written under another name and then renamed.</summary>
    public static void Save(string path, CheckpointInfo info, Module net, OptimizerHelper optimizer)
    {
        ArgumentNullException.ThrowIfNull(net);
        ArgumentNullException.ThrowIfNull(optimizer);
        using var content = new MemoryStream();
        content.Write(Signature);
        WriteSection(content, w => w.Write(JsonSerializer.SerializeToUtf8Bytes(info)));
        WriteSection(content, w => net.save(w));
        WriteSection(content, optimizer.save_state_dict);
        content.Write(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (FileStream file = File.Create(temporary))
            {
                content.WriteTo(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Loads the file into a model and its optimizer, which must be of the kind that was saved.</summary>
    /// <exception cref="VisionException">There is no such file, it is damaged, or it is for another model or other images.</exception>
    public static CheckpointInfo Load(string path, string model, string images, Module net, OptimizerHelper optimizer)
    {
        ArgumentNullException.ThrowIfNull(net);
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!File.Exists(path))
            throw new VisionException($"There is no checkpoint '{path}' to resume from.");
        byte[] file = File.ReadAllBytes(path);
        if (!file.AsSpan().StartsWith(Signature))
            throw new VisionException($"'{path}' is not a checkpoint of this program.");
        int end = file.Length - SHA256.HashSizeInBytes;
        if (end < Signature.Length || !SHA256.HashData(file.AsSpan(0, end)).AsSpan().SequenceEqual(file.AsSpan(end)))
            throw new VisionException($"The checkpoint '{path}' is damaged or cut short.");

        using var content = new BinaryReader(new MemoryStream(file, Signature.Length, end - Signature.Length, writable: false));
        CheckpointInfo info = JsonSerializer.Deserialize<CheckpointInfo>(ReadSection(content))!;
        if (info.Model != model || info.Images != images)
            throw new VisionException($"The checkpoint '{path}' is of {info.Model} for images of {info.Images}, not of {model} for {images}.");
        using (var reader = new BinaryReader(new MemoryStream(ReadSection(content))))
            net.load(reader);
        using (var reader = new BinaryReader(new MemoryStream(ReadSection(content))))
            optimizer.load_state_dict(reader);
        return info;
    }

    private static void WriteSection(MemoryStream content, Action<BinaryWriter> write)
    {
        using var section = new MemoryStream();
        using var writer = new BinaryWriter(section);
        write(writer);
        writer.Flush();
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, (int)section.Length);
        content.Write(length);
        section.WriteTo(content);
    }

    private static byte[] ReadSection(BinaryReader content) => content.ReadBytes(content.ReadInt32());
}
