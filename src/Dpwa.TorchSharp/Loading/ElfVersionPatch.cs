using System.Buffers.Binary;
using System.Text;

namespace Dpwa.TorchSharp.Loading;

/// <summary>A symbol version that an older system lacks, and an older one that serves in its place.</summary>
/// <param name="Version">The version to do without, e.g. <c>GLIBCXX_3.4.32</c>.</param>
/// <param name="Older">A version that the file asks for already, e.g. <c>GLIBCXX_3.4.20</c>.</param>
/// <param name="Symbols">Every symbol asked for in <paramref name="Version"/>, and the one of <paramref name="Older"/> to bind in its place.
/// A new name must not be longer than the old one.</param>
internal sealed record ElfVersionRedirect(string Version, string Older, IReadOnlyDictionary<string, string> Symbols);

/// <summary>
/// Rewrites which symbol versions a 64-bit little-endian ELF library asks for, in place: no byte moves. Nothing is read or written
/// outside of what the section table says and the image holds. Layouts: the ELF-64 object file format, and "Symbol Versioning" of the LSB.
/// </summary>
internal static class ElfVersionPatch
{
    private const uint SectionDynamicSymbols = 11;
    private const uint SectionVersionNeeds = 0x6ffffffe;
    private const uint SectionVersionSymbols = 0x6fffffff;
    private const int SymbolSize = 24;
    private const int EntrySize = 16;

    /// <summary>
    /// A patched copy of <paramref name="image"/>, or null when it asks for none of the versions (nothing to do).
    /// </summary>
    /// <exception cref="InvalidDataException">The image is not such a library, is damaged, or asks in one of the versions for a symbol
    /// that has no stand-in.</exception>
    public static byte[]? Apply(ReadOnlySpan<byte> image, IReadOnlyList<ElfVersionRedirect> redirects)
    {
        try
        {
            return Patch(image.ToArray(), redirects);
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // Every access is a checked slice of the image, so a damaged offset or length ends here.
            throw new InvalidDataException("The ELF image is damaged: a table points outside of the file.", e);
        }
    }

    private static byte[]? Patch(byte[] image, IReadOnlyList<ElfVersionRedirect> redirects)
    {
        ReadOnlySpan<byte> identification = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1];
        if (image.Length < 64 || !image.AsSpan(0, 6).SequenceEqual(identification))
            throw new InvalidDataException("Not a 64-bit little-endian ELF image.");

        Section symbols = Find(image, SectionDynamicSymbols) ?? throw new InvalidDataException("The ELF image has no dynamic symbols.");
        if (Find(image, SectionVersionNeeds) is not { } needs || Find(image, SectionVersionSymbols) is not { } versions)
            return null;
        Section names = ReadSection(image, symbols.Link);
        if (needs.Link != symbols.Link)
            throw new InvalidDataException("The ELF image keeps version names and symbol names in different tables.");
        if (versions.Length / 2 != symbols.Length / SymbolSize)
            throw new InvalidDataException("The ELF image has not one version for each symbol.");

        bool changed = false;
        foreach (ElfVersionRedirect redirect in redirects)
            changed |= Redirect(image, redirect, symbols, names, needs, versions);
        return changed ? image : null;
    }

    private static bool Redirect(byte[] image, ElfVersionRedirect redirect, Section symbols, Section names, Section needs, Section versions)
    {
        Span<byte> table = needs.In(image);
        var entries = VersionEntries(table, names.In(image));
        List<VersionEntry> newer = entries.FindAll(e => e.Name == redirect.Version);
        if (newer.Count == 0)
            return false;

        foreach (VersionEntry entry in newer)
        {
            VersionEntry older = entries.Find(e => e.Name == redirect.Older && e.Library == entry.Library)
                ?? throw new InvalidDataException($"The ELF image asks for {redirect.Version} but not for {redirect.Older}, which was to stand in.");
            RenameSymbols(image, redirect, entry.Index, symbols, names, versions);

            // The index stays, so symbols that carry it now mean the older version: vna_hash at 0, vna_name at 8.
            table.Slice(older.Offset, 4).CopyTo(table[entry.Offset..]);
            table.Slice(older.Offset + 8, 4).CopyTo(table[(entry.Offset + 8)..]);
        }

        return true;
    }

    private static void RenameSymbols(byte[] image, ElfVersionRedirect redirect, int version, Section symbols, Section names, Section versions)
    {
        Span<byte> symbolTable = symbols.In(image);
        Span<byte> nameTable = names.In(image);
        Span<byte> versionTable = versions.In(image);
        const int hidden = 0x8000;
        for (int i = 0; i < symbolTable.Length / SymbolSize; i++)
        {
            if ((BinaryPrimitives.ReadUInt16LittleEndian(versionTable[(i * 2)..]) & ~hidden) != version)
                continue;
            int at = NameOffset(symbolTable, i);
            string name = ReadName(nameTable, at);
            if (!redirect.Symbols.TryGetValue(name, out string? standIn))
                throw new InvalidDataException($"The ELF image asks for {name} of {redirect.Version}, for which no stand-in is known.");
            if (standIn == name)
                continue;
            if (standIn.Length > name.Length)
                throw new InvalidDataException($"{standIn} does not fit in the place of {name}.");
            ThrowIfShared(symbolTable, i, at, at + name.Length, name);
            Encoding.ASCII.GetBytes(standIn, nameTable.Slice(at, name.Length));
            nameTable[(at + standIn.Length)..(at + name.Length)].Clear();
        }
    }

    /// <summary>Linkers let a name share the tail of a longer one; such a one must not be overwritten.</summary>
    private static void ThrowIfShared(ReadOnlySpan<byte> symbolTable, int self, int start, int end, string name)
    {
        for (int i = 0; i < symbolTable.Length / SymbolSize; i++)
        {
            int other = NameOffset(symbolTable, i);
            if (i != self && other >= start && other <= end)
                throw new InvalidDataException($"The ELF image uses the name {name} for more than one symbol.");
        }
    }

    private static List<VersionEntry> VersionEntries(ReadOnlySpan<byte> table, ReadOnlySpan<byte> names)
    {
        var entries = new List<VersionEntry>();
        int most = table.Length / EntrySize;
        for (int need = 0, needs = 0; ; needs++)
        {
            // Verneed: vn_version, vn_cnt, vn_file, vn_aux, vn_next. Vernaux: vna_hash, vna_flags, vna_other, vna_name, vna_next.
            int count = BinaryPrimitives.ReadUInt16LittleEndian(table[(need + 2)..]);
            string library = ReadName(names, ReadOffset(table, need + 4));
            int at = checked(need + ReadOffset(table, need + 8));
            for (int i = 0; i < count; i++)
            {
                int index = BinaryPrimitives.ReadUInt16LittleEndian(table[(at + 6)..]);
                entries.Add(new(at, index, library, ReadName(names, ReadOffset(table, at + 8))));
                at = checked(at + ReadOffset(table, at + 12));
            }

            int next = ReadOffset(table, need + 12);
            if (next == 0)
                return entries;
            need = checked(need + next);
            if (needs > most || entries.Count > most)
                throw new InvalidDataException("The ELF image's version table does not end.");
        }
    }

    private static Section? Find(ReadOnlySpan<byte> image, uint type)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(image[60..]);
        for (uint i = 0; i < count; i++)
        {
            Section section = ReadSection(image, i);
            if (section.Type == type)
                return section;
        }

        return null;
    }

    private static Section ReadSection(ReadOnlySpan<byte> image, uint index)
    {
        if (index >= BinaryPrimitives.ReadUInt16LittleEndian(image[60..]))
            throw new InvalidDataException("The ELF image names a section that it does not have.");
        int start = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(image[40..]));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(image[58..]);
        if (size < 64)
            throw new InvalidDataException("The ELF image has section headers of an unknown size.");
        ReadOnlySpan<byte> header = image.Slice(checked(start + (int)index * size), size);
        return new(
            BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[40..]));
    }

    private static int NameOffset(ReadOnlySpan<byte> symbolTable, int symbol) => ReadOffset(symbolTable, symbol * SymbolSize);

    private static int ReadOffset(ReadOnlySpan<byte> table, int at) => checked((int)BinaryPrimitives.ReadUInt32LittleEndian(table[at..]));

    private static string ReadName(ReadOnlySpan<byte> names, int at)
    {
        ReadOnlySpan<byte> rest = names[at..];
        int end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.ASCII.GetString(rest[..end]) : throw new InvalidDataException("The ELF image has a name without an end.");
    }

    private sealed record VersionEntry(int Offset, int Index, string Library, string Name);

    private sealed record Section(uint Type, ulong Offset, ulong Size, uint Link)
    {
        public int Length => checked((int)Size);

        public Span<byte> In(byte[] image) => image.AsSpan(checked((int)Offset), Length);
    }
}
