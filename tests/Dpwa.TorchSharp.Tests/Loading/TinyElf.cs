using System.Buffers.Binary;
using System.Text;

namespace Dpwa.TorchSharp.Tests.Loading;

/// <summary>Writes the smallest 64-bit ELF image that has dynamic symbols with versions.</summary>
internal sealed class TinyElf
{
    private readonly List<byte> _names = [0];
    private readonly List<(int Name, ushort Version)> _symbols = [(0, 0)];
    private readonly List<(int Name, ushort Index)> _versions = [];

    public ushort Version(string name)
    {
        // 0 and 1 are taken by the format: local and global.
        ushort index = (ushort)(_versions.Count + 2);
        _versions.Add((Name(name), index));
        return index;
    }

    public int Symbol(string name, ushort version)
    {
        int at = Name(name);
        _symbols.Add((at, version));
        return at;
    }

    /// <summary>A symbol whose name is the tail of another's, as linkers make them.</summary>
    public void SymbolAt(int name, ushort version) => _symbols.Add((name, version));

    public byte[] Write()
    {
        int library = Name("libstdc++.so.6");
        byte[] symbols = new byte[_symbols.Count * 24];
        byte[] versions = new byte[_symbols.Count * 2];
        for (int i = 0; i < _symbols.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(symbols.AsSpan(i * 24), _symbols[i].Name);
            BinaryPrimitives.WriteUInt16LittleEndian(versions.AsSpan(i * 2), _symbols[i].Version);
        }

        byte[] needs = new byte[16 * (1 + _versions.Count)];
        BinaryPrimitives.WriteUInt16LittleEndian(needs, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(needs.AsSpan(2), (ushort)_versions.Count);
        BinaryPrimitives.WriteInt32LittleEndian(needs.AsSpan(4), library);
        BinaryPrimitives.WriteInt32LittleEndian(needs.AsSpan(8), 16);
        for (int i = 0; i < _versions.Count; i++)
        {
            Span<byte> entry = needs.AsSpan(16 * (i + 1));
            BinaryPrimitives.WriteInt32LittleEndian(entry, 1000 + i);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], _versions[i].Index);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], _versions[i].Name);
            BinaryPrimitives.WriteInt32LittleEndian(entry[12..], i + 1 < _versions.Count ? 16 : 0);
        }

        byte[] names = [.. _names];
        (uint Type, byte[] Content)[] sections = [(0, []), (11, symbols), (3, names), (0x6fffffff, versions), (0x6ffffffe, needs)];
        using var image = new MemoryStream();
        image.Write(new byte[64]);
        byte[] headers = new byte[sections.Length * 64];
        for (int i = 0; i < sections.Length; i++)
        {
            Span<byte> header = headers.AsSpan(i * 64);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], sections[i].Type);
            BinaryPrimitives.WriteInt64LittleEndian(header[24..], image.Position);
            BinaryPrimitives.WriteInt64LittleEndian(header[32..], sections[i].Content.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[40..], 2);
            image.Write(sections[i].Content);
        }

        long table = image.Position;
        image.Write(headers);
        byte[] bytes = image.ToArray();
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), table);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(60), (ushort)sections.Length);
        return bytes;
    }

    private int Name(string name)
    {
        int at = _names.Count;
        _names.AddRange(Encoding.ASCII.GetBytes(name));
        _names.Add(0);
        return at;
    }
}
