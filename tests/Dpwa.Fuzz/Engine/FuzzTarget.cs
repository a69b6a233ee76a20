using System.Text;

namespace Dpwa.Fuzz.Engine;

/// <summary>Code that reads bytes it cannot trust, and what must hold whatever they are.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its name, and that of its folder under <c>tests/corpus</c>.</summary>
    public abstract string Name { get; }

    /// <summary>How the names of its inputs end.</summary>
    public virtual string Extension => ".bin";

    /// <summary>Whether this system has what it needs.</summary>
    public virtual bool IsSupported => true;

    /// <summary>The longest input that is tried, in bytes.</summary>
    public virtual int Longest => 4096;

    /// <summary>Pieces that chance would not find.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    /// <summary>Valid inputs to begin with, beside those in the folder.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Makes right what only chance could: checksums, lengths. What else is wrong stays so.</summary>
    public virtual byte[] Repair(byte[] input, Random random) => input;

    /// <summary>
    /// Gives the input to the code under test. Gives whether it was accepted; throws when something does not hold, and whatever the code under test throws that it does
    /// not document is a finding too.
    /// </summary>
    public abstract bool Check(byte[] input);

    /// <summary>The most bytes that may be allocated for an input, by its length: what the check itself needs included.</summary>
    public virtual long MostAllocated(int length) => 256 * 1024 + 64L * length;

    /// <summary>The most branches that may be taken for an input, by its length.</summary>
    public virtual long MostWork(int length) => 50_000 + 2_000L * length;

    /// <summary>Texts as words.</summary>
    protected static byte[][] Texts(params ReadOnlySpan<string> texts)
    {
        byte[][] words = new byte[texts.Length][];
        for (int i = 0; i < texts.Length; i++)
            words[i] = Encoding.UTF8.GetBytes(texts[i]);
        return words;
    }

    /// <summary>Throws when something does not hold.</summary>
    protected static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new BrokenPromiseException(otherwise);
    }
}

/// <summary>Something that must hold for every input does not for this one.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
