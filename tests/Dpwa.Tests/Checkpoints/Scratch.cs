using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dpwa.Checkpoints;

namespace Dpwa.Tests.Checkpoints;

/// <summary>A folder that goes with the test, and checkpoints made by hand.</summary>
internal sealed class Scratch : IDisposable
{
    public static readonly Dictionary<string, string> NoFacts = [];

    public Scratch() => Folder = Directory.CreateTempSubdirectory("dpwa-checkpoint-").FullName;

    public string Folder { get; }

    public string Path => System.IO.Path.Combine(Folder, "w1.safetensors");

    /// <summary>Writes a file with this header and these bytes, and the checksum that goes with them: damage that the checksum does not find.</summary>
    public void Forge(string json, byte[] data)
    {
        byte[] header = Encoding.Latin1.GetBytes(json);
        byte[] content = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(content, (ulong)header.Length);
        header.CopyTo(content, 8);
        data.CopyTo(content, 8 + header.Length);
        File.WriteAllBytes(Path, [.. content, .. SHA256.HashData(content)]);
    }

    /// <summary>Why a file is refused. The message must name it.</summary>
    public string Refusal()
    {
        var error = Assert.Throws<DpwaCheckpointException>(() =>
        {
            using var reader = new CheckpointReader(Path);
        });
        Assert.Contains($"'{Path}'", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        return error.Message;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
