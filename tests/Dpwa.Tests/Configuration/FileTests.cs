using System.Text;

namespace Dpwa.Tests.Configuration;

public sealed class FileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dpwa-config-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_sample_loads_and_is_what_the_defaults_are()
    {
        string path = Configs.RepositoryFile("samples", "config.yaml");
        DpwaOptions options = DpwaOptions.Load(path);

        DpwaNode[] nodes = [.. Enumerable.Range(0, 4).Select(i => new DpwaNode($"w{i + 1}", "localhost", 45000 + i))];
        Assert.Equal(new DpwaOptions { Nodes = nodes, Source = path }, options);
        options.Validate();
    }

    [Fact]
    public void Errors_and_nodes_name_the_file()
    {
        string path = Write("nodes: [{name: w1, host: localhost, port: 45000}]\nseed: x\n");
        Assert.Equal($"{path}:2:7: seed must be a whole number, but is the text 'x'", ErrorOf(path));

        path = Write("nodes: [{name: w1, host: localhost, port: 45000}]\n");
        Assert.Equal(path, DpwaOptions.Load(path).Source);
        Assert.Equal($"{path}:1:9", DpwaOptions.Load(path).Nodes[0].Source);
    }

    [Fact]
    public void A_missing_file_is_named_with_its_full_path()
    {
        string path = Path.Combine(folder.FullName, "none.yaml");
        Assert.Equal($"{path}: there is no such file (the full path is '{path}')", ErrorOf(path), ignoreCase: false);
        Assert.Contains("there is no such file", ErrorOf(Path.Combine(folder.FullName, "none", "dpwa.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_is_refused() =>
        Assert.Equal($"{folder.FullName}: this is a directory; name the configuration file in it", ErrorOf(folder.FullName));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_path_is_refused(string path) => Assert.Equal("the path of the configuration file is empty", ErrorOf(path));

    [Fact]
    public void A_path_that_cannot_be_is_refused() => Assert.Contains("the file cannot be read", ErrorOf("a\0b"), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_may_not_be_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Permissions do not hold here.");
        string path = Write(Configs.OneNode);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.Contains("the file cannot be read", ErrorOf(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_above_one_MiB_is_refused() =>
        Assert.Contains("more than 1024 KiB", ErrorOf(Write(Configs.OneNode + new string('#', 1024 * 1024))), StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        string path = Path.Combine(folder.FullName, "binary.yaml");
        File.WriteAllBytes(path, [(byte)'a', (byte)'\n', (byte)'b', 0xFF, 0x00]);
        Assert.Equal($"{path}:2:2: this is not text: configuration files are UTF-8", ErrorOf(path));
    }

    [Fact]
    public void Byte_order_marks_and_line_ends_of_Windows_are_fine()
    {
        string text = Configs.Original.ReplaceLineEndings("\r\n");
        foreach (Encoding encoding in new Encoding[] { new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            string path = Path.Combine(folder.FullName, "bom.yaml");
            File.WriteAllText(path, text, encoding);
            Assert.Equal(DpwaOptions.Parse(Configs.Original) with { Source = path }, DpwaOptions.Load(path));
        }
    }

    private static string ErrorOf(string path) => Assert.Single(Assert.Throws<DpwaConfigurationException>(() => DpwaOptions.Load(path)).Errors).ToString();

    private string Write(string text)
    {
        string path = Path.Combine(folder.FullName, "dpwa.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
