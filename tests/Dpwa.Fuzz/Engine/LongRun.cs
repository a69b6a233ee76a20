using System.Diagnostics;
using System.Globalization;

namespace Dpwa.Fuzz.Engine;

/// <summary>Fuzzes targets one after the other, each for its part of the time, and says what came of it.</summary>
internal sealed class LongRun(TimeSpan time, int seed, TextWriter output)
{
    /// <summary>Whether the inputs that lead furthest are kept in the corpus.</summary>
    public bool Keeps { get; init; }

    /// <summary>Runs. Gives whether nothing was found; what was found is in the corpus, shrunk.</summary>
    public bool Of(IReadOnlyCollection<FuzzTarget> targets)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {time.TotalSeconds / targets.Count:0.#} s a target"));
        output.WriteLine($"{"target",-20}{"inputs",12}{"valid",12}{"branches",10}{"corpus",8}{"found",7}");
        long inputs = 0;
        int findings = 0;
        foreach (FuzzTarget target in targets)
        {
            using var last = new LastInput(target);
            var clock = Stopwatch.StartNew();
            var fuzzer = new Fuzzer(target, seed, Corpus.Of(target).Select(c => c.Input)) { BeforeEach = last.Keep };
            fuzzer.Sweep(() => clock.Elapsed < time / targets.Count / 4);
            fuzzer.Run(() => clock.Elapsed < time / targets.Count);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name,-20}{fuzzer.Inputs,12:N0}{fuzzer.Accepted,12:N0}{fuzzer.Branches,10:N0}{fuzzer.Corpus.Count,8:N0}{fuzzer.Findings.Count,7}"));
            foreach (Finding finding in fuzzer.Findings)
                Tell(finding.Shrunk());
            if (Keeps)
                Keep(fuzzer, target);
            inputs += fuzzer.Inputs;
            findings += fuzzer.Findings.Count;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inputs:N0} inputs, {findings} findings"));
        return findings == 0;
    }

    private void Tell(Finding finding)
    {
        output.WriteLine($"FOUND in {finding.Target.Name} (seed {seed}), kept as {Corpus.Add(finding.Target, "found", finding.Input)}:");
        output.WriteLine(finding.Text);
    }

    /// <summary>A few inputs that together go where those that it began with do not: each time the one that leads furthest from all before.</summary>
    private static void Keep(Fuzzer fuzzer, FuzzTarget target)
    {
        const int most = 12;
        byte[] seen = Coverage.Nothing();
        foreach (byte[] input in fuzzer.Corpus.Take(fuzzer.First))
            _ = Gain(input, seen);
        for (int kept = 0; kept < most; kept++)
        {
            byte[]? best = fuzzer.Corpus.Skip(fuzzer.First).MaxBy(i => Gain(i, [.. seen]));
            if (best is null || Gain(best, seen) == 0)
                return;
            Corpus.Add(target, "path", best);
        }

        int Gain(byte[] input, byte[] before)
        {
            _ = Finding.Of(target, input, out _);
            return Coverage.AddTo(before);
        }
    }
}
