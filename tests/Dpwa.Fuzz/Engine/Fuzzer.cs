namespace Dpwa.Fuzz.Engine;

/// <summary>
/// Gives a target inputs that are made from those it knows, and keeps those that went where none had been. Everything follows from the seed, so a run that is cut by a
/// number of inputs can be repeated.
/// </summary>
internal sealed class Fuzzer
{
    /// <summary>So many bits of each of the first inputs are flipped, one by one, before chance begins.</summary>
    private const int MostSwept = 512 * 8;

    private readonly FuzzTarget _target;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly List<byte[]> _corpus = [];
    private readonly byte[] _seen = Coverage.Nothing();
    private readonly Dictionary<string, Finding> _findings = new(StringComparer.Ordinal);

    /// <param name="target">The target.</param>
    /// <param name="seed">Decides everything.</param>
    /// <param name="inputs">Inputs to begin with, beside the target's own.</param>
    public Fuzzer(FuzzTarget target, int seed, IEnumerable<byte[]> inputs)
    {
        _target = target;
        _random = new Random(target.Name.Aggregate(seed, (hash, c) => unchecked(hash * 31 + c)));
        _mutator = new Mutator(target, _random);
        foreach (byte[] input in target.Seeds().Concat(inputs))
        {
            // Twice: what is made once, at the first use of something, is not this input's.
            _ = Finding.Of(target, input, out _);
            Try(input, keep: true);
        }

        First = _corpus.Count;
    }

    /// <summary>Called with each input before it is tried: should the process end, it was this one.</summary>
    public Action<byte[]> BeforeEach { get; init; } = _ => { };

    /// <summary>Inputs tried.</summary>
    public long Inputs { get; private set; }

    /// <summary>How many of them were taken for valid.</summary>
    public long Accepted { get; private set; }

    /// <summary>The number of inputs that it began with.</summary>
    public int First { get; }

    /// <summary>The inputs that each went where none had been, those it began with first.</summary>
    public IReadOnlyList<byte[]> Corpus => _corpus;

    /// <summary>Pairs of branches seen in the instrumented code.</summary>
    public int Branches => _seen.Count(s => s != 0);

    /// <summary>One finding of each kind.</summary>
    public IReadOnlyCollection<Finding> Findings => _findings.Values;

    /// <summary>Flips each bit of the first inputs and cuts them everywhere: one bit is what a disk or a memory gets wrong.</summary>
    public void Sweep(Func<bool> goOn)
    {
        foreach (byte[] input in _corpus.GetRange(0, First))
        {
            for (int bit = 0; bit < Math.Min(input.Length * 8, MostSwept) && goOn(); bit++)
            {
                byte[] flipped = [.. input];
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                Try(flipped);
            }

            for (int length = 0; length < Math.Min(input.Length, MostSwept / 8) && goOn(); length++)
                Try(input[..length]);
        }
    }

    /// <summary>Tries one input after the other.</summary>
    public void Run(Func<bool> goOn)
    {
        while (goOn())
            Try(_mutator.Mutate(Pick(), Pick()));
    }

    /// <summary>What went somewhere new last is the most likely to lead on.</summary>
    private byte[] Pick()
    {
        const int recent = 32;
        int from = _random.Next(2) == 0 ? Math.Max(0, _corpus.Count - recent) : 0;
        return _corpus.Count == 0 ? [] : _corpus[_random.Next(from, _corpus.Count)];
    }

    private void Try(byte[] input, bool keep = false)
    {
        BeforeEach(input);
        Inputs++;
        Finding? finding = Finding.Of(_target, input, out bool accepted);
        if (accepted)
            Accepted++;
        bool isNew = Coverage.AddTo(_seen) > 0;
        if (finding is not null)
            _findings.TryAdd(finding.Kind, finding);
        else if (isNew || keep)
            _corpus.Add(input);
    }
}
