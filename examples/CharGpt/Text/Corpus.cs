using System.Reflection;
using Dpwa.Data;

namespace Dpwa.Examples.CharGpt.Text;

/// <summary>A text as tokens: nine tenths to train on, of which each worker has a piece of its own, and the last tenth, the same for all, to validate with.</summary>
public sealed class Corpus
{
    private readonly long[] _tokens;
    private readonly int _trained;

    /// <summary>The corpus of a text.</summary>
    /// <param name="text">The text, line ends as \n.</param>
    /// <param name="description">What it is, for people.</param>
    public Corpus(string text, string description)
    {
        Description = description;
        Tokenizer = new CharTokenizer(text);
        _tokens = Tokenizer.Encode(text);
        _trained = (int)(_tokens.Length * 9L / 10);
    }

    /// <summary>What the text is.</summary>
    public string Description { get; }

    /// <summary>The numbers of its characters.</summary>
    public CharTokenizer Tokenizer { get; }

    /// <summary>The number of characters, the validation part included.</summary>
    public int Length => _tokens.Length;

    /// <summary>The part that nobody trains on.</summary>
    public ReadOnlyMemory<long> Validation => _tokens.AsMemory(_trained);

    /// <summary>A text file, or without one the documentation of this repository, which the program carries in itself.</summary>
    /// <exception cref="CharGptException">The file cannot be read.</exception>
    public static Corpus Load(string? file)
    {
        if (file is null)
            return new(Documentation(), "the documentation of this repository");
        try
        {
            return new(File.ReadAllText(file).ReplaceLineEndings("\n"), Path.GetFileName(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CharGptException($"Cannot read the text '{file}': {e.Message}", e);
        }
    }

    /// <summary>The piece that this worker trains on: a contiguous one, so that workers see different chapters. The pieces have nothing in common and together
    /// are all but <see cref="Validation"/>.</summary>
    public ReadOnlyMemory<long> Of(DataShard shard)
    {
        int start = (int)((long)_trained * shard.Worker / shard.Workers);
        int end = (int)((long)_trained * (shard.Worker + 1) / shard.Workers);
        return _tokens.AsMemory(start, end - start);
    }

    private static string Documentation()
    {
        Assembly self = typeof(Corpus).Assembly;
        return string.Concat(self.GetManifestResourceNames().Where(n => n.StartsWith("text/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
        {
            using var reader = new StreamReader(self.GetManifestResourceStream(name)!);
            return reader.ReadToEnd().ReplaceLineEndings("\n");
        }));
    }
}
