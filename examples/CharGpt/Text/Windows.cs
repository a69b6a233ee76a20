using Dpwa.Data;
using static TorchSharp.torch;

namespace Dpwa.Examples.CharGpt.Text;

/// <summary>A batch of pieces of text, and what follows each of their characters.</summary>
/// <param name="Inputs">Tokens, batch × context.</param>
/// <param name="Targets">The token after each, batch × context.</param>
public sealed record WindowBatch(Tensor Inputs, Tensor Targets);

/// <summary>Cuts batches of windows of <paramref name="context"/> characters out of a text.</summary>
/// <param name="tokens">The text, at least <paramref name="context"/> + 1 characters.</param>
/// <param name="context">The characters of a window.</param>
/// <param name="batchSize">The windows of a batch.</param>
/// <exception cref="CharGptException">The text is shorter.</exception>
public sealed class Windows(ReadOnlyMemory<long> tokens, int context, int batchSize)
{
    private readonly int _starts = tokens.Length > context
        ? tokens.Length - context
        : throw new CharGptException($"A part of {tokens.Length} characters is too short for a context of {context}: take a longer text, fewer workers or a smaller --context.");

    /// <summary>A batch of windows at random places. The same <paramref name="key"/> gives the same ones; no process-wide random state is used.</summary>
    public WindowBatch Random(ulong key) =>
        Cut([.. Enumerable.Range(0, batchSize).Select(row => (int)(KeyedPermutation.Key((long)key, row) % (ulong)_starts))]);

    /// <summary>All windows side by side, in batches; a rest that fills no window is left out.</summary>
    public IEnumerable<WindowBatch> InOrder() =>
        Enumerable.Range(0, (tokens.Length - 1) / context).Select(i => i * context).Chunk(batchSize).Select(Cut);

    private WindowBatch Cut(int[] starts)
    {
        long[] inputs = new long[starts.Length * context], targets = new long[starts.Length * context];
        for (int row = 0; row < starts.Length; row++)
        {
            tokens.Span.Slice(starts[row], context).CopyTo(inputs.AsSpan(row * context));
            tokens.Span.Slice(starts[row] + 1, context).CopyTo(targets.AsSpan(row * context));
        }

        return new(tensor(inputs, starts.Length, context), tensor(targets, starts.Length, context));
    }
}
