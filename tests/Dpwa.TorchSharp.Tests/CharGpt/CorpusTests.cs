using Dpwa.Data;
using Dpwa.Examples.CharGpt;
using Dpwa.Examples.CharGpt.Text;
using Dpwa.TorchSharp.Tests.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests.CharGpt;

public sealed class CorpusTests
{
    private const string Text = "Gossip: x ← (1−a)·x + a·peer 🙂\n";

    [Fact]
    public void Tokens_become_the_text_again()
    {
        var tokenizer = new CharTokenizer(Text);
        long[] tokens = tokenizer.Encode(Text);
        Assert.Equal(Text, tokenizer.Decode(tokens));
        Assert.Equal(Text.EnumerateRunes().Count(), tokens.Length);
        Assert.Equal(Text.EnumerateRunes().Distinct().Count(), tokenizer.Count);
        Assert.All(tokens, t => Assert.InRange(t, 0, tokenizer.Count - 1));
    }

    [Fact]
    public void The_order_of_a_text_does_not_change_the_tokens() =>
        Assert.Equal(new CharTokenizer("cab").Encode("abc"), new CharTokenizer("abc").Encode("abc"));

    [Fact]
    public void A_character_that_the_text_has_not_is_named() =>
        Assert.Contains("U+00FC", Assert.Throws<CharGptException>(() => new CharTokenizer("abc").Encode("aü")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void Shards_and_validation_are_the_text_without_overlap(int workers)
    {
        // All characters differ, so that equal tokens are the same place.
        string text = string.Concat(Enumerable.Range(0x100, 1_003).Select(c => (char)c));
        var corpus = new Corpus(text, "all different");
        long[][] parts = [.. Enumerable.Range(0, workers).Select(w => corpus.Of(new DataShard(w, workers)).ToArray()), corpus.Validation.ToArray()];
        Assert.Equal(text, corpus.Tokenizer.Decode(parts.SelectMany(p => p)));
        Assert.Equal(101, parts[^1].Length);
        Assert.InRange(parts[..^1].Max(p => p.Length) - parts[..^1].Min(p => p.Length), 0, 1);
    }

    [Fact]
    public void The_default_text_is_the_documentation()
    {
        Corpus corpus = Corpus.Load(file: null);
        long[] all = [.. corpus.Of(new DataShard(0, 1)).ToArray(), .. corpus.Validation.ToArray()];
        string text = corpus.Tokenizer.Decode(all);
        Assert.Equal(corpus.Length, all.Length);
        Assert.StartsWith("# Dpwa for .NET\n", text, StringComparison.Ordinal);
        Assert.Contains("\n# The wire protocol", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
    }

    [Fact]
    public void A_file_reads_alike_whatever_its_line_ends()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("a.txt", "one\r\ntwo\n"u8);
        Corpus corpus = Corpus.Load(directory.File("a.txt"));
        Assert.Equal((8, "a.txt"), (corpus.Length, corpus.Description));
        Assert.Contains("b.txt", Assert.Throws<CharGptException>(() => Corpus.Load(directory.File("b.txt"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_is_the_character_after_its_input()
    {
        using DisposeScope scope = NewDisposeScope();
        long[] text = [.. Enumerable.Range(0, 30).Select(i => (long)i)];
        WindowBatch batch = new Windows(text, context: 8, batchSize: 100).Random(key: 1);
        Assert.Equal([100, 8], batch.Inputs.shape);
        Assert.Equal(batch.Inputs.data<long>().Select(t => t + 1), batch.Targets.data<long>());

        // Every place where a window fits is drawn, the first and the last included.
        Assert.Equal((0L, 21L), (batch.Inputs[.., 0].min().ToInt64(), batch.Inputs[.., 0].max().ToInt64()));
    }

    [Fact]
    public void A_key_fixes_the_windows()
    {
        using DisposeScope scope = NewDisposeScope();
        var windows = new Windows(Enumerable.Range(0, 1_000).Select(i => (long)i).ToArray(), context: 4, batchSize: 16);
        long[][] drawn = [.. new ulong[] { 5, 5, 6 }.Select(key => windows.Random(key).Inputs.data<long>().ToArray())];
        Assert.Equal(drawn[0], drawn[1]);
        Assert.NotEqual(drawn[0], drawn[2]);
    }

    [Fact]
    public void Windows_in_order_go_through_the_text_once()
    {
        using DisposeScope scope = NewDisposeScope();
        var windows = new Windows(Enumerable.Range(0, 23).Select(i => (long)i).ToArray(), context: 5, batchSize: 3);
        WindowBatch[] batches = [.. windows.InOrder()];
        Assert.Equal([3L, 1L], batches.Select(b => b.Inputs.shape[0]));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), batches.SelectMany(b => b.Inputs.data<long>().ToArray()));
    }

    [Fact]
    public void A_text_that_is_too_short_is_refused() => Assert.Throws<CharGptException>(() => new Windows(new long[8], context: 8, batchSize: 1));
}
