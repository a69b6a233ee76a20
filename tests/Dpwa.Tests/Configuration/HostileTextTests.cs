using System.Text;

namespace Dpwa.Tests.Configuration;

/// <summary>Texts made to exhaust the stack, the memory or the reader's patience.</summary>
public class HostileTextTests
{
    private const int MaxMilliseconds = 30_000;

    [Theory(Timeout = MaxMilliseconds)]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public async Task Deep_nesting_is_refused(string opening) =>
        Assert.Contains(
            "nested more than 32 levels deep",
            await ErrorOf(Repeat(opening, 100_000), TestContext.Current.CancellationToken), StringComparison.Ordinal);

    [Fact(Timeout = MaxMilliseconds)]
    public async Task Aliases_that_multiply_are_not_expanded()
    {
        // "Billion laughs": each list holds the one before nine times.
        var text = new StringBuilder("seed: &a0 [1]\n");
        for (int i = 1; i < 25; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"x{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        Assert.Equal(26, (await ErrorsOf(text.ToString(), TestContext.Current.CancellationToken)).Count);
    }

    [Theory(Timeout = MaxMilliseconds)]
    [InlineData("{}")]
    [InlineData("{a: 1}")]
    public async Task Merge_keys_that_multiply_are_refused(string map)
    {
        string text = $"x: &m [{Repeat($"{map},", 1000)}]\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"y{i}: {{<<: *m}}\n"));
        Assert.Contains(
            "merge keys of this file add more than", await ErrorOf(text, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact(Timeout = MaxMilliseconds)]
    public async Task A_flood_of_errors_is_cut()
    {
        IReadOnlyList<ConfigurationError> errors = await ErrorsOf($"nodes: [{Repeat("0,", 400_000)}]", TestContext.Current.CancellationToken);
        Assert.Equal(101, errors.Count);
        Assert.Equal("399900 more errors are not shown", errors[^1].Message);
    }

    [Fact(Timeout = MaxMilliseconds)]
    public async Task A_text_above_one_MiB_is_refused() =>
        Assert.Equal(
            "a configuration of more than 1024 KiB is refused; is this the right file?",
            await ErrorOf(Repeat("#", (1024 * 1024) + 1), TestContext.Current.CancellationToken));

    [Fact(Timeout = MaxMilliseconds)]
    public async Task Ten_thousand_nodes_load()
    {
        string nodes = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"- {{name: w{i}, host: 10.0.{i / 250}.{i % 250}, port: 45000}}\n"));
        DpwaOptions options = await Task.Run(() => DpwaOptions.Parse("nodes:\n" + nodes), TestContext.Current.CancellationToken);
        Assert.Equal(10_000, options.Nodes.Count);
    }

    [Fact(Timeout = MaxMilliseconds)]
    public async Task Long_keys_and_numbers_are_quoted_short()
    {
        string yaml = $"seed: {Repeat("9", 300_000)}\n? {Repeat("k", 300_000)}\n: 1";
        IReadOnlyList<ConfigurationError> errors = await ErrorsOf(yaml, TestContext.Current.CancellationToken);
        Assert.All(errors, e => Assert.True(e.Message.Length < 500, e.Message[..Math.Min(1000, e.Message.Length)]));
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private static async Task<string> ErrorOf(string yaml, CancellationToken ct) => Assert.Single(await ErrorsOf(yaml, ct)).Message;

    private static Task<IReadOnlyList<ConfigurationError>> ErrorsOf(string yaml, CancellationToken ct) => Task.Run(() => Configs.ErrorsOf(yaml), ct);
}
