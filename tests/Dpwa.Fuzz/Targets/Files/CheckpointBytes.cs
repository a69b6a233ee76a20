using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Dpwa.Fuzz.Targets.Files;

/// <summary>Checkpoints as bytes: how to make a changed one right again, and words of their headers.</summary>
internal static class CheckpointBytes
{
    private const int LengthBytes = 8;

    public static readonly string[] Words =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u001b[31m", "\\uD800", "\\u202E", "null", "true", "0", "-1", "1e3", "1.5", "9223372036854775807", "4611686018427387904", "18446744073709551616",
        "\"__metadata__\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"U8\"", "\"I64\"", "\"BF16\"", "\"BOOL\"", "\"F8_E4M3\"", "\"7\"", "[]", "[0]", "[1,1]", "[32]", "[0,0]",
        "\"dpwa.sha256\"", "\"dpwa.checkpoint\":\"1\"", "\"dpwa.clock\":\"", "\"dpwa.round\":\"", "\"dpwa.weight\":\"", "NaN", "Infinity", "1e999", "\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},", "\"note\":\"",
        "/**/", "\u00E9", "\uFEFF", "   ",
    ];

    /// <summary>The length of the header, mostly that of the JSON that is there, and the checksum behind everything.</summary>
    public static byte[] Repair(byte[] file, Random random)
    {
        if (file.Length < LengthBytes + SHA256.HashSizeInBytes)
            return file;
        if (random.Next(4) != 0 && JsonEnd(file) is > 0 and int end)
            BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)(end - LengthBytes));
        if (random.Next(16) != 0)
            SHA256.HashData(file.AsSpan(0, file.Length - SHA256.HashSizeInBytes), file.AsSpan(file.Length - SHA256.HashSizeInBytes));
        return file;
    }

    /// <summary>Where the first object ends, with the spaces behind it; 0 when it does not.</summary>
    private static int JsonEnd(byte[] file)
    {
        int depth = 0;
        bool isText = false;
        for (int at = LengthBytes; at < file.Length; at++)
        {
            byte c = file[at];
            if (isText)
            {
                at += c == '\\' ? 1 : 0;
                isText = c != '"';
                continue;
            }

            isText = c == '"';
            depth += c switch { (byte)'{' => 1, (byte)'}' => -1, _ => 0 };
            if (depth > 0)
                continue;
            do
                at++;
            while (at < file.Length && file[at] == ' ');
            return at;
        }

        return 0;
    }
}
