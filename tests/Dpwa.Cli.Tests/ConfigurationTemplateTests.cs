using Dpwa.Cli.Tests.Support;
using Dpwa.Launch;
using Dpwa.Launch.Configuration;

namespace Dpwa.Cli.Tests;

public class ConfigurationTemplateTests
{
    [Theory]
    [InlineData(1, "127.0.0.1")]
    [InlineData(12, "trainer1.example.org")]
    [InlineData(3, "::1")]
    public void What_is_written_can_be_read(int workers, string host)
    {
        var options = DpwaOptions.Parse(new ConfigurationTemplate(workers, host, 24_000).Render());

        Assert.Equal(Enumerable.Range(0, workers).Select(i => new DpwaNode($"w{i + 1}", host, 24_000 + i)), options.Nodes);
        Assert.Equal(ApplyForm.Delta, options.Apply);
    }

    [Fact]
    public void Apart_from_the_form_every_value_is_the_default()
    {
        var options = DpwaOptions.Parse(new ConfigurationTemplate(2, "127.0.0.1", 24_000).Render());

        Assert.Equal(new DpwaOptions(), options with { Nodes = new DpwaOptions().Nodes, Apply = ApplyForm.Parameters });
    }

    public static TheoryData<string> Methods => [.. GossipMethods.Names];

    /// <summary>Who changes the one word has that method, with nothing of the file in its way but what the file says.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void Another_method_is_one_word(string method)
    {
        var text = new ConfigurationTemplate(2, "127.0.0.1", 24_000).Render().Replace("method: dpwa", $"method: {method}", StringComparison.Ordinal);
        if (method == "sparta")
        {
            Assert.Contains("a subset needs apply: parameters", Assert.Throws<DpwaConfigurationException>(() => DpwaOptions.Parse(text)).Message, StringComparison.Ordinal);
            text = text.Replace("apply: delta", "", StringComparison.Ordinal);
        }

        var options = DpwaOptions.Parse(text);
        var expected = GossipMethods.Options(method);
        Assert.Equal(expected with { Nodes = options.Nodes, Apply = method == "sparta" ? expected.Apply : ApplyForm.Delta }, options);
    }

    [Theory]
    [InlineData(0, "127.0.0.1", 24_000)]
    [InlineData(2, "127.0.0.1", 65_535)]
    [InlineData(1, "127.0.0.1", 0)]
    [InlineData(1, "not a host", 24_000)]
    [InlineData(1, "x, port: 1 } #", 24_000)]
    public void Values_that_cannot_be_used_are_refused(int workers, string host, int port) =>
        Assert.Throws<LaunchException>(() => new ConfigurationTemplate(workers, host, port).Render());

    [Fact]
    public void A_file_that_is_there_stays_unless_it_is_to_be_overwritten()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("dpwa.yaml", "mine");
        var template = new ConfigurationTemplate(1, "127.0.0.1", 24_000);

        Assert.Contains("--force", Assert.Throws<LaunchException>(() => template.Write(path, overwrite: false)).Message);
        Assert.Equal("mine", File.ReadAllText(path));

        template.Write(path, overwrite: true);
        Assert.Equal(template.Render(), File.ReadAllText(path));
    }
}
