using System.IO.Hashing;
using System.Runtime.CompilerServices;
using Dpwa.Protocol;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dpwa.Fuzz.Targets.Frames;

/// <summary>Frames as bytes: the golden ones, and how to make a changed one right again.</summary>
internal static class FrameBytes
{
    private const int BodyLengthOffset = 112, ChecksumOffset = 120;

    /// <summary>The golden frames by name.</summary>
    public static IReadOnlyDictionary<string, byte[]> Golden { get; } = Directory.EnumerateFiles(Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "vectors")), "*.bin")
        .Order(StringComparer.Ordinal).ToDictionary(f => Path.GetFileNameWithoutExtension(f), File.ReadAllBytes, StringComparer.Ordinal);

    /// <summary>The model of the golden frames.</summary>
    public static ParameterLayout Layout { get; } = ParameterLayout.TryDecode(Body("layout"), out ParameterLayout? layout) ? layout! : throw new InvalidOperationException("the golden layout cannot be read");

    /// <summary>The body of a golden frame.</summary>
    public static ReadOnlySpan<byte> Body(string name) => Golden[name].AsSpan(MessageHeader.Size..^MessageHeader.TrailerSize);

    /// <summary>The magic, the version, the lengths and the checksums of all frames that start at <paramref name="start"/>; each now and then left wrong.</summary>
    public static byte[] Repair(byte[] bytes, int start, Random random)
    {
        for (Span<byte> rest = bytes.AsSpan(Math.Min(start, bytes.Length)); rest.Length >= MessageHeader.Size && random.Next(32) != 0;)
        {
            "DPWA"u8.CopyTo(rest);
            rest[4] = MessageHeader.CurrentVersion;
            ulong length = ReadUInt64LittleEndian(rest[BodyLengthOffset..]);
            int room = rest.Length - MessageHeader.Size - MessageHeader.TrailerSize;
            if (length > 0 && (long)length > room && random.Next(8) != 0)
                WriteUInt64LittleEndian(rest[BodyLengthOffset..], length = (ulong)Math.Max(0, room));
            WriteUInt64LittleEndian(rest[ChecksumOffset..], XxHash3.HashToUInt64(rest[..ChecksumOffset]));
            rest = rest[MessageHeader.Size..];
            if (length == 0)
                continue;
            if (length > (ulong)Math.Max(0, room))
                break;
            WriteUInt64LittleEndian(rest[(int)length..], XxHash3.HashToUInt64(rest[..(int)length]));
            rest = rest[((int)length + MessageHeader.TrailerSize)..];
        }

        return bytes;
    }

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
