using static System.Buffers.Binary.BinaryPrimitives;

namespace Dpwa.Fuzz.Engine;

/// <summary>Changes inputs: bits, numbers, lengths, words of the format, parts of other inputs. All of it is decided by the source of chance.</summary>
internal sealed class Mutator(FuzzTarget target, Random random)
{
    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 7, 8, 63, 64, 65, 127, 128, 129, 255, 256, 1023, 1024, 4096, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue,
        BitConverter.DoubleToUInt64Bits(double.NaN), BitConverter.DoubleToUInt64Bits(double.PositiveInfinity), BitConverter.DoubleToUInt64Bits(-1), BitConverter.DoubleToUInt64Bits(double.MaxValue),
        BitConverter.DoubleToUInt64Bits(double.Epsilon), BitConverter.SingleToUInt32Bits(float.NaN), BitConverter.SingleToUInt32Bits(float.NegativeInfinity), BitConverter.SingleToUInt32Bits(float.MaxValue),
    ];

    private readonly List<byte> _bytes = [];

    /// <summary>A changed input; three of four are made right again where only chance could.</summary>
    /// <param name="input">What it is made from.</param>
    /// <param name="other">Another input, of which parts may be taken.</param>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        _bytes.Clear();
        _bytes.AddRange(input);
        int changes = 1 << random.Next(1 + random.Next(5));
        for (int i = 0; i < changes; i++)
            Change(other);
        if (_bytes.Count > target.Longest)
            _bytes.RemoveRange(target.Longest, _bytes.Count - target.Longest);
        return random.Next(4) == 0 ? [.. _bytes] : target.Repair([.. _bytes], random);
    }

    private void Change(byte[] other)
    {
        switch (random.Next(16))
        {
            case 0 or 1 when _bytes.Count > 0:
                _bytes[Place()] ^= (byte)(1 << random.Next(8));
                break;
            case 2 or 3 or 4 when _bytes.Count > 0:
                _bytes[Place()] = (byte)random.Next(256);
                break;
            case 5 or 6 or 7:
                WriteNumber();
                break;
            case 8 when _bytes.Count > 0:
                int start = Place();
                _bytes.RemoveRange(start, Math.Min(Length(), _bytes.Count - start));
                break;
            case 9 when _bytes.Count > 0:
                int from = Place();
                _bytes.InsertRange(Gap(), _bytes.GetRange(from, Math.Min(Length(), _bytes.Count - from)));
                break;
            case 10 when other.Length > 0:
                int at = random.Next(other.Length);
                _bytes.InsertRange(Gap(), other.AsSpan(at, Math.Min(Length(), other.Length - at)).ToArray());
                break;
            case 11 when _bytes.Count > 0:
                _bytes.RemoveAt(Place());
                break;
            case 12 when _bytes.Count > 0 && random.Next(4) == 0:
                int end = Place();
                _bytes.RemoveRange(end, _bytes.Count - end);
                break;
            default:
                InsertWord();
                break;
        }
    }

    private void InsertWord()
    {
        if (target.Words.Count == 0)
        {
            WriteNumber();
            return;
        }

        byte[] word = target.Words[random.Next(target.Words.Count)];
        int at = Gap();
        if (random.Next(2) == 0)
            _bytes.RemoveRange(at, Math.Min(random.Next(word.Length + 1), _bytes.Count - at));
        _bytes.InsertRange(at, word);
    }

    /// <summary>A number at the edge of something, or a little beside, where fields stand: mostly at multiples of its size.</summary>
    private void WriteNumber()
    {
        int size = 1 << random.Next(4);
        if (_bytes.Count < size)
            return;
        int at = random.Next(_bytes.Count - size + 1);
        if (random.Next(4) != 0)
            at -= at % size;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (random.Next(3) == 0)
        {
            for (int i = 0; i < size; i++)
                bytes[i] = _bytes[at + i];
            WriteUInt64LittleEndian(bytes, ReadUInt64LittleEndian(bytes) + (ulong)random.Next(-16, 17));
        }
        else
        {
            WriteUInt64LittleEndian(bytes, Numbers[random.Next(Numbers.Length)] + (random.Next(3) == 0 ? (ulong)random.Next(-2, 3) : 0));
        }

        for (int i = 0; i < size; i++)
            _bytes[at + i] = bytes[i];
    }

    private int Place() => random.Next(_bytes.Count);

    private int Gap() => random.Next(_bytes.Count + 1);

    /// <summary>Short lengths mostly.</summary>
    private int Length() => 1 + random.Next(1 << random.Next(10));
}
