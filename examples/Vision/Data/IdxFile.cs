using System.Buffers.Binary;
using System.IO.Compression;

namespace Dpwa.Examples.Vision.Data;

/// <summary>
/// The IDX format of MNIST: two zero bytes, 8 for "unsigned byte", the number of dimensions, each dimension as a big-endian int32,
/// and the values. Plain or compressed with gzip.
/// </summary>
internal static class IdxFile
{
    private const int UnsignedByte = 0x08;

    // Far beyond any data set in this format; what a damaged header asks for is not allocated.
    private const long MaxValues = 1L << 30;

    /// <summary>The path of <paramref name="name"/> in <paramref name="directory"/>, plain or with .gz; null when neither is there.</summary>
    public static string? Find(string directory, string name)
    {
        string plain = Path.Combine(directory, name);
        return File.Exists(plain) ? plain : File.Exists(plain + ".gz") ? plain + ".gz" : null;
    }

    /// <summary>Reads a file of <paramref name="rank"/> dimensions.</summary>
    /// <exception cref="VisionException">The file is damaged or something else.</exception>
    public static (int[] Dimensions, byte[] Values) Read(string path, int rank)
    {
        using FileStream file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        try
        {
            int magic = ReadInt32(stream), expected = UnsignedByte << 8 | rank;
            if (magic != expected)
                throw new VisionException($"'{path}' is no IDX file of {rank} dimensions of bytes: it starts with 0x{magic:X8} instead of 0x{expected:X8}.");
            var dimensions = new int[rank];
            long values = 1;
            for (int d = 0; d < rank; d++)
            {
                dimensions[d] = ReadInt32(stream);
                if (dimensions[d] < 1 || (values *= dimensions[d]) > MaxValues)
                    throw new VisionException($"'{path}' is damaged: dimension {d} is {dimensions[d]}.");
            }

            var content = new byte[values];
            stream.ReadExactly(content);
            if (stream.ReadByte() >= 0)
                throw new VisionException($"'{path}' is damaged: it has more than the {values} values that its header says.");
            return (dimensions, content);
        }
        catch (EndOfStreamException e)
        {
            throw new VisionException($"'{path}' is cut short.", e);
        }
        catch (InvalidDataException e)
        {
            throw new VisionException($"'{path}' is damaged: {e.Message}", e);
        }
    }

    private static int ReadInt32(Stream stream)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }
}
