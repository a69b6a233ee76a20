using Dpwa.Fuzz.Engine;
using Dpwa.Fuzz.Targets;

namespace Dpwa.Tests.Fuzzing;

/// <summary>A short run on every target, always the same: what changes a parser for the worse is seen at once. The long one is <c>tests/fuzz.sh</c>.</summary>
[Collection(FuzzingCollection.Name)]
public class ShortRunTests
{
    private const int Swept = 500, Changed = 700;

    public static TheoryData<string> Targets => [.. AllTargets.Supported.Select(t => t.Name)];

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Targets))]
    public Task Nothing_is_found(string target) => Task.Run(() =>
    {
        FuzzTarget tested = AllTargets.Find(target)!;
        var fuzzer = new Fuzzer(tested, seed: 1, Corpus.Of(tested).Select(c => c.Input));
        long begun = fuzzer.Inputs;
        fuzzer.Sweep(() => fuzzer.Inputs < begun + Swept);
        fuzzer.Run(() => fuzzer.Inputs < begun + Swept + Changed);
        Assert.Empty(fuzzer.Findings.Select(f => f.Text));
        Assert.True(fuzzer.Accepted > 0, "no input was valid: only the first refusal is tested");
    });
}
