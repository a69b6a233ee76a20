using System.Globalization;
using System.Runtime.InteropServices;
using Dpwa.Checkpoints;

namespace Dpwa.TestWorker;

/// <summary>Saves checkpoints to one path, one after the other, until it is killed. Every element of the n-th is n, so a mixture of two shows.</summary>
public static class Saver
{
    private const int Piece = 64 << 10;
    private static readonly StoredTensor Numbers = new("numbers", StoredType.I64, [1 << 19]);

    /// <summary>The length of the tensor.</summary>
    public static long Bytes => Numbers.ByteLength;

    /// <summary>Goes on with the number after that of the file.</summary>
    public static void Run(string path)
    {
        for (long number = File.Exists(path) ? Load(path) + 1 : 1; ; number++)
        {
            LineLogs.Say($"saving {number.ToString(CultureInfo.InvariantCulture)}");
            using var file = new CheckpointWriter(path, [Numbers], new Dictionary<string, string>());
            byte[] piece = new byte[Piece];
            MemoryMarshal.Cast<byte, long>(piece.AsSpan()).Fill(number);
            for (long at = 0; at < Bytes; at += Piece)
                file.Write(piece);
            file.Commit();
        }
    }

    /// <summary>The number of the file.</summary>
    /// <exception cref="InvalidDataException">It has elements of several.</exception>
    public static long Load(string path)
    {
        using var file = new CheckpointReader(path);
        byte[] bytes = new byte[Bytes];
        file.Read(Numbers.Name, bytes);
        ReadOnlySpan<long> numbers = MemoryMarshal.Cast<byte, long>(bytes);
        return numbers.ContainsAnyExcept(numbers[0]) ? throw new InvalidDataException($"'{path}' has elements of several saves.") : numbers[0];
    }
}
