using System.Runtime.Versioning;
using Dpwa.TorchSharp.Loading;

namespace Dpwa.TorchSharp.Tests.Loading;

[SupportedOSPlatform("linux")]
public sealed class PatchedLibraryCacheTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _root = Directory.CreateTempSubdirectory("dpwa-cache-test").FullName;
    private readonly byte[] _content = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];

    public PatchedLibraryCacheTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The cache is for Linux.");

    private string Cache => Path.Combine(_root, "cache");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_directory_is_made_for_the_owner_only_and_holds_the_content()
    {
        string path = PatchedLibraryCache.Place(Cache, "libx.so", _content);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Cache));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal(_content, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(Cache));
    }

    [Fact]
    public void A_file_that_is_there_already_is_used()
    {
        string path = PatchedLibraryCache.Place(Cache, "libx.so", _content);
        DateTime written = File.GetLastWriteTimeUtc(path).AddDays(-1);
        File.SetLastWriteTimeUtc(path, written);

        Assert.Equal(path, PatchedLibraryCache.Place(Cache, "libx.so", _content));
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
    }

    [Fact]
    public void A_file_whose_content_was_changed_is_replaced()
    {
        string path = PatchedLibraryCache.Place(Cache, "libx.so", _content);
        byte[] changed = [.. _content];
        changed[^1] ^= 1;
        File.WriteAllBytes(path, changed);

        Assert.Equal(path, PatchedLibraryCache.Place(Cache, "libx.so", _content));
        Assert.Equal(_content, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_file_that_others_may_write_is_replaced()
    {
        string path = PatchedLibraryCache.Place(Cache, "libx.so", _content);
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.OtherWrite);

        Assert.Equal(path, PatchedLibraryCache.Place(Cache, "libx.so", _content));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_link_in_the_place_of_the_file_is_replaced_and_not_followed()
    {
        string path = PatchedLibraryCache.Place(Cache, "libx.so", _content);
        string target = Path.Combine(_root, "target");
        File.Move(path, target);
        File.CreateSymbolicLink(path, target);

        PatchedLibraryCache.Place(Cache, "libx.so", _content);
        Assert.Null(new FileInfo(path).LinkTarget);
        Assert.Equal(_content, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_directory_that_others_may_enter_is_refused()
    {
        Directory.CreateDirectory(Cache, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        var error = Assert.Throws<IOException>(() => PatchedLibraryCache.Place(Cache, "libx.so", _content));
        Assert.Contains("mode 0750", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public void A_link_in_the_place_of_the_directory_is_refused()
    {
        string elsewhere = Path.Combine(_root, "elsewhere");
        Directory.CreateDirectory(elsewhere, OwnerOnly);
        File.CreateSymbolicLink(Cache, elsewhere);
        var error = Assert.Throws<IOException>(() => PatchedLibraryCache.Place(Cache, "libx.so", _content));
        Assert.Contains("not a directory", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(elsewhere));
    }

    [Fact]
    public void Workers_that_start_at_once_agree()
    {
        string[] paths = new string[8];
        Parallel.For(0, paths.Length, i => paths[i] = PatchedLibraryCache.Place(Cache, "libx.so", _content));

        Assert.Single(paths.Distinct(StringComparer.Ordinal));
        Assert.Equal(_content, File.ReadAllBytes(paths[0]));
        Assert.Single(Directory.GetFiles(Cache));
    }
}
