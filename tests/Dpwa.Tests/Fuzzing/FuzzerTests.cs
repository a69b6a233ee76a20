using System.Buffers.Binary;
using Dpwa.Fuzz.Engine;

namespace Dpwa.Tests.Fuzzing;

/// <summary>The fuzzer finds what it is there to find: parsers that are wrong on purpose, each in one way, within the inputs that a short run has.</summary>
[Collection(FuzzingCollection.Name)]
public class FuzzerTests
{
    private const int ShortRun = 1200;

    [Fact]
    public void A_length_that_is_trusted_is_found_by_the_memory_that_it_takes() => Assert.Equal("allocation", FoundIn(new Broken(input =>
        input.Length >= 4 && GC.AllocateUninitializedArray<byte>((int)(BinaryPrimitives.ReadUInt32LittleEndian(input) & 0xFF_FFFF)).Length > input.Length)).Kind);

    [Fact]
    public void A_read_behind_the_end_is_found() => Assert.StartsWith("IndexOutOfRangeException", FoundIn(new Broken(input =>
        input.Length > 8 && input[input[0]] == 0)).Kind, StringComparison.Ordinal);

    [Fact]
    public void A_loop_without_end_is_found_by_its_work() => Assert.StartsWith("EndlessWorkException", FoundIn(new Broken(input =>
    {
        for (int at = 0; at < input.Length; at += input[at] & 0x7F)
            Coverage.Branch(1);
        return true;
    })).Kind, StringComparison.Ordinal);

    [Fact]
    public void A_value_that_is_not_written_as_it_was_read_is_found() => Assert.StartsWith("BrokenPromiseException", FoundIn(new Broken(input =>
        input.Length < 2 || (short)(float)BinaryPrimitives.ReadInt16LittleEndian(input) / 3 * 3 <= short.MaxValue - 3 ? true : throw new BrokenPromiseException("rounded"))).Kind, StringComparison.Ordinal);

    /// <summary>By chance it is one of 16 million inputs; step by step it is soon found. The search goes the way that instrumented code shows.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_lies_behind_six_right_numbers_is_found_by_the_branches_that_lead_there(bool shows)
    {
        var behind = new Broken(input =>
        {
            for (ushort i = 0; i < 6; i++)
            {
                if (shows)
                    Coverage.Branch((ushort)(100 + i));
                if (input.Length <= i || (input[i] & 0xF) != 3 + 2 * i)
                    return false;
            }

            throw new InvalidOperationException("behind all of them");
        });
        var fuzzer = new Fuzzer(behind, seed: 1, []);
        fuzzer.Run(() => fuzzer.Findings.Count == 0 && fuzzer.Inputs < 100_000);
        Assert.Equal(shows ? 1 : 0, fuzzer.Findings.Count);
    }

    [Fact]
    public void The_same_seed_tries_the_same_inputs_and_another_seed_others()
    {
        Assert.Equal(Tried(1), Tried(1));
        Assert.NotEqual(Tried(1), Tried(2));
        static List<string> Tried(int seed)
        {
            var inputs = new List<string>();
            var fuzzer = new Fuzzer(new Broken(_ => true), seed, []) { BeforeEach = input => inputs.Add(Convert.ToHexString(input)) };
            fuzzer.Run(() => inputs.Count < 300);
            return inputs;
        }
    }

    [Fact]
    public void What_is_found_is_shrunk_to_what_matters()
    {
        var broken = new Broken(input => input.AsSpan().IndexOf((byte)7) >= 0 ? throw new InvalidOperationException("a seven") : true);
        byte[] input = [.. Enumerable.Repeat((byte)1, 200), 7, .. Enumerable.Repeat((byte)2, 100)];
        Assert.Equal([7], Finding.Of(broken, input, out _)!.Shrunk().Input);
    }

    private static Finding FoundIn(FuzzTarget target)
    {
        var fuzzer = new Fuzzer(target, seed: 1, []);
        fuzzer.Sweep(() => fuzzer.Findings.Count == 0 && fuzzer.Inputs < ShortRun);
        fuzzer.Run(() => fuzzer.Findings.Count == 0 && fuzzer.Inputs < ShortRun);
        return Assert.Single(fuzzer.Findings);
    }

    private sealed class Broken(Func<byte[], bool> parse) : FuzzTarget
    {
        public override string Name => "broken";

        public override IEnumerable<byte[]> Seeds() => [[1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]];

        public override bool Check(byte[] input) => parse(input);
    }
}
