using System.Text;
using Dpwa.TorchSharp.Loading;

namespace Dpwa.TorchSharp.Tests.Loading;

public sealed class ElfVersionPatchTests
{
    private static readonly ElfVersionRedirect[] Redirects =
    [
        new("V_NEW", "V_OLD", new Dictionary<string, string>(StringComparer.Ordinal) { ["symbol_new"] = "old", ["same"] = "same" }),
    ];

    [Fact]
    public void The_newer_version_becomes_the_older_and_its_symbols_get_their_stand_ins()
    {
        var elf = new TinyElf();
        ushort newer = elf.Version("V_NEW");
        ushort older = elf.Version("V_OLD");
        elf.Symbol("symbol_new", newer);
        elf.Symbol("same", newer);
        elf.Symbol("other", older);
        byte[] image = elf.Write();

        byte[] patched = ElfVersionPatch.Apply(image, Redirects)!;

        Assert.Equal(image.Length, patched.Length);
        Assert.Contains("\0old\0\0\0\0\0\0\0\0same\0", Encoding.Latin1.GetString(patched), StringComparison.Ordinal);
        Assert.Null(ElfVersionPatch.Apply(patched, Redirects));
    }

    [Fact]
    public void An_image_that_asks_for_nothing_new_is_left_alone()
    {
        var elf = new TinyElf();
        elf.Symbol("symbol_new", elf.Version("V_OLD"));
        Assert.Null(ElfVersionPatch.Apply(elf.Write(), Redirects));
    }

    [Fact]
    public void A_symbol_without_a_stand_in_is_refused_by_name()
    {
        var elf = new TinyElf();
        elf.Version("V_OLD");
        elf.Symbol("surprise", elf.Version("V_NEW"));
        var error = Assert.Throws<InvalidDataException>(() => ElfVersionPatch.Apply(elf.Write(), Redirects));
        Assert.Contains("surprise of V_NEW", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_older_version_is_refused()
    {
        var elf = new TinyElf();
        elf.Symbol("symbol_new", elf.Version("V_NEW"));
        var error = Assert.Throws<InvalidDataException>(() => ElfVersionPatch.Apply(elf.Write(), Redirects));
        Assert.Contains("V_OLD", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_two_symbols_share_is_not_overwritten()
    {
        var elf = new TinyElf();
        ushort older = elf.Version("V_OLD");
        int name = elf.Symbol("symbol_new", elf.Version("V_NEW"));
        elf.SymbolAt(name + "symbol_".Length, older);
        var error = Assert.Throws<InvalidDataException>(() => ElfVersionPatch.Apply(elf.Write(), Redirects));
        Assert.Contains("more than one symbol", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_ELF_image_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => ElfVersionPatch.Apply([], Redirects));
        Assert.Throws<InvalidDataException>(() => ElfVersionPatch.Apply(new byte[4096], Redirects));
    }

    [Fact]
    public void A_damaged_image_never_does_worse_than_being_refused()
    {
        var elf = new TinyElf();
        ushort newer = elf.Version("V_NEW");
        elf.Symbol("other", elf.Version("V_OLD"));
        elf.Symbol("symbol_new", newer);
        byte[] image = elf.Write();

        for (int length = 0; length < image.Length; length++)
            Assert.Throws<InvalidDataException>(() => ElfVersionPatch.Apply(image.AsSpan(0, length), Redirects));
        for (int at = 0; at < image.Length; at++)
        {
            foreach (byte value in (ReadOnlySpan<byte>)[0, 1, 0x7f, 0x80, 0xff])
            {
                byte[] damaged = [.. image];
                damaged[at] = value;
                Exception? error = Record.Exception(() => ElfVersionPatch.Apply(damaged, Redirects));
                Assert.True(error is null or InvalidDataException, $"byte {at} = {value}: {error}");
            }
        }
    }

    [Fact]
    public void TorchSharps_own_library_needs_neither_of_the_newer_versions_afterwards()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        Assert.SkipUnless(File.Exists(path), "TorchSharp's library for Linux is not beside the tests.");
        byte[] image = File.ReadAllBytes(path);

        byte[] patched = ElfVersionPatch.Apply(image, OlderLinux.Redirects)!;

        // Two version entries of 8 bytes and one name are all that may change.
        Assert.Equal(image.Length, patched.Length);
        Assert.InRange(image.Zip(patched).Count(b => b.First != b.Second), 1, 8 + 8 + "_ZSt21ios_base_library_initv".Length);
        Assert.Null(ElfVersionPatch.Apply(patched, OlderLinux.Redirects));
    }
}
