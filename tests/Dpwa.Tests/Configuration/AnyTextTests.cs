using CsCheck;

namespace Dpwa.Tests.Configuration;

/// <summary>Whatever the text, it loads or its errors are reported; nothing else is ever thrown.</summary>
public class AnyTextTests
{
    private const int MaxMilliseconds = 60_000;

    private static readonly string[] Fragments =
    [
        ":", ": ", "- ", "\n", "\n  ", "\t", "{", "}", "[", "]", ",", "&a ", "*a", "<<: ", "!!str ", "!x ", "!", "? ", "|\n ", ">", "'", "\"", "#", "%",
        "---\n", "...\n", "~", "null", "0", "-1", "1e999", ".nan", ".inf", "0x", "\\", "\0", "\u0085", "\u2028", "\uFEFF", "\uD800", "w1", "port",
        "timeout_ms: ", "nodes: ", "off", "30s", "%YAML 1.2\n---\n", "%TAG ! x\n", "@", "`", "\"\\uD800\"", "\"\\e\"",
    ];

    private static readonly string[] Valid =
    [
        Configs.Original,
        Configs.OneNode + "constant: {value: 0.5}\nmax_staleness: 30s\napply: delta\n",
        "nodes:\n- &n {name: a, host: b, port: 1}\n- {<<: *n, name: c, port: 2}\nloss:\n",
    ];

    private static readonly Gen<(int From, int Length, string Insert)> Edit =
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 6], Gen.Frequency((4, Gen.OneOf(Fragments)), (1, Gen.String[0, 4])));

    [Fact(Timeout = MaxMilliseconds)]
    public Task A_valid_file_with_any_edits() => Task.Run(() =>
        Gen.Select(Gen.OneOf(Valid), Edit.Array[1, 5])
            .Sample((text, edits) => Check(edits.Aggregate(text, Apply)), iter: 10_000, threads: 1), TestContext.Current.CancellationToken);

    [Fact(Timeout = MaxMilliseconds)]
    public Task A_heap_of_fragments() => Task.Run(() =>
        Gen.OneOf(Fragments).Array[0, 20].Sample(f => Check(string.Concat(f)), iter: 10_000, threads: 1), TestContext.Current.CancellationToken);

    [Fact(Timeout = MaxMilliseconds)]
    public Task Any_characters() => Task.Run(() => Gen.String.Sample(Check, iter: 5000, threads: 1), TestContext.Current.CancellationToken);

    private static string Apply(string text, (int From, int Length, string Insert) edit)
    {
        int from = edit.From % (text.Length + 1);
        return string.Concat(text.AsSpan(0, from), edit.Insert, text.AsSpan(Math.Min(text.Length, from + edit.Length)));
    }

    private static void Check(string text)
    {
        try
        {
            DpwaOptions.Parse(text).Validate();
        }
        catch (DpwaConfigurationException e)
        {
            Assert.NotEmpty(e.Errors);
            Assert.All(e.Errors, error => Assert.True(error is { Line: > 0, Column: > 0, Message.Length: > 0 }, error.ToString()));
        }
    }
}
