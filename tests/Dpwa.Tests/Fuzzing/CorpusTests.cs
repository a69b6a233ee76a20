using Dpwa.Fuzz.Engine;
using Dpwa.Fuzz.Targets;
using Dpwa.Fuzz.Targets.Files;
using Dpwa.Tests.Configuration;

namespace Dpwa.Tests.Fuzzing;

/// <summary>Every input of <c>tests/corpus</c>, those among them that once broke something, and those that each target begins with.</summary>
[Collection(FuzzingCollection.Name)]
public class CorpusTests
{
    private const int MaxMilliseconds = 60_000;

    public static TheoryData<string, string> Files => [.. AllTargets.Supported.SelectMany(t => Corpus.Of(t).Select(c => (t.Name, c.Name)))];

    public static TheoryData<string> Targets => [.. AllTargets.Supported.Select(t => t.Name)];

    [Theory(Timeout = MaxMilliseconds)]
    [MemberData(nameof(Files))]
    public Task An_input_of_the_corpus_is_read_or_refused_as_promised(string target, string name) => Task.Run(() =>
        Holds(AllTargets.Find(target)!, Corpus.Of(AllTargets.Find(target)!).Single(c => c.Name == name).Input));

    [Theory(Timeout = MaxMilliseconds)]
    [MemberData(nameof(Targets))]
    public Task What_a_target_begins_with_is_read_as_promised_and_some_of_it_is_valid(string target) => Task.Run(() =>
        Assert.Contains(AllTargets.Find(target)!.Seeds().ToArray(), input => Holds(AllTargets.Find(target)!, input)));

    [Fact]
    public void Every_folder_of_the_corpus_is_a_target_s() =>
        Assert.Empty(Directory.EnumerateDirectories(Corpus.Folder).Select(f => Path.GetFileName(f)).Except(AllTargets.All.Select(t => t.Name)));

    /// <summary>Those of <c>clock</c> and <c>loss</c> have nothing to write.</summary>
    [Fact]
    public void The_fuzzer_writes_every_key_of_a_configuration()
    {
        string[] known = Configs.ErrorOf(Configs.OneNode + "zzzzzzzz: 1").Split("known are ")[1].Split(", ");
        string text = ConfigurationText.Of(new DpwaOptions { ExchangeDeadline = TimeSpan.FromMinutes(1), Seed = 1, Tls = new("a", "c", "k"), ClusterKey = new("f") });
        Assert.Equal(known.Except(["clock", "loss"]).Order(), text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(':')[0]).Order());
    }

    private static bool Holds(FuzzTarget target, byte[] input)
    {
        // The first use of something allocates what no input does.
        _ = Finding.Of(target, input, out _);
        Finding? finding = Finding.Of(target, input, out bool accepted);
        Assert.True(finding is null, finding?.Text);
        return accepted;
    }
}

/// <summary>One fuzzer at a time: what the code under test does is counted in one place.</summary>
[CollectionDefinition(Name)]
public class FuzzingCollection
{
    public const string Name = "Fuzzing";
}
