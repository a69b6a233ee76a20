using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dpwa.Codecs;

namespace Dpwa.Forms;

/// <summary>
/// One step of NoLoCo's outer optimizer (arXiv 2506.10911) for one tensor, in one pass. With θ̂ and φ as published by both of a pair and m the momentum:
/// <c>Δ̄ = ½((θ̂_i − φ_i) + (θ̂_j − φ_j))</c>, <c>m ← α·m + β·Δ̄ + γ·(½(φ_i + φ_j) − φ_i)</c>, <c>φ ← φ + m</c>, <c>θ ← φ + (θ − θ̂_i)</c>.
/// </summary>
internal readonly struct OuterStep(OuterOptimizerOptions options)
{
    /// <summary>Elements at a time: what is decoded stays in the first-level cache. Whole blocks of every codec.</summary>
    private const int Block = 1024;

    private readonly float _alpha = (float)options.Alpha;
    private readonly float _halfBeta = (float)(options.Beta / 2);
    private readonly float _halfGamma = (float)(options.Gamma / 2);

    /// <summary>Takes the step.</summary>
    /// <param name="x">θ: my live values.</param>
    /// <param name="own">θ̂_i: what I published of them; null: they themselves, and then θ becomes φ.</param>
    /// <param name="peer">θ̂_j.</param>
    /// <param name="peerSlow">φ_j.</param>
    /// <param name="slow">φ_i.</param>
    /// <param name="momentum">m.</param>
    [SkipLocalsInit]
    public void Take(Span<float> x, DecodedTensor? own, DecodedTensor peer, DecodedTensor peerSlow, Span<float> slow, Span<float> momentum)
    {
        Span<float> ownScratch = stackalloc float[Block];
        Span<float> peerScratch = stackalloc float[Block];
        Span<float> slowScratch = stackalloc float[Block];
        for (int at = 0; at < x.Length; at += Block)
        {
            int count = Math.Min(Block, x.Length - at);
            Span<float> mine = x.Slice(at, count);
            ReadOnlySpan<float> before = own is { } published ? published.Read(at, count, ownScratch) : mine;

            // What was published is finite; what lives now need not be. A model that has broken down can be loaded again, a φ of NaN would stay.
            if (own is null && !FiniteBits.AreFinite(MemoryMarshal.AsBytes(before), FiniteBits.Float32Exponent))
                continue;
            Take(mine, before, peer.Read(at, count, peerScratch), peerSlow.Read(at, count, slowScratch), slow.Slice(at, count), momentum.Slice(at, count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Take(Span<float> x, ReadOnlySpan<float> own, ReadOnlySpan<float> peer, ReadOnlySpan<float> peerSlow, Span<float> slow, Span<float> momentum)
    {
        int width = Vector<float>.Count;
        int i = 0;
        (Vector<float> alpha, Vector<float> halfBeta, Vector<float> halfGamma) = (new(_alpha), new(_halfBeta), new(_halfGamma));
        for (; i <= x.Length - width; i += width)
        {
            (Vector<float> p, Vector<float> q) = (new(slow[i..]), new(peerSlow[i..]));
            Vector<float> before = new(own[i..]);
            Vector<float> m = alpha * new Vector<float>(momentum[i..]) + halfBeta * ((before - p) + (new Vector<float>(peer[i..]) - q)) + halfGamma * (q - p);
            p += m;
            (p + (new Vector<float>(x[i..]) - before)).CopyTo(x[i..]);
            p.CopyTo(slow[i..]);
            m.CopyTo(momentum[i..]);
        }

        for (; i < x.Length; i++)
        {
            (float p, float q, float before) = (slow[i], peerSlow[i], own[i]);
            float m = _alpha * momentum[i] + _halfBeta * ((before - p) + (peer[i] - q)) + _halfGamma * (q - p);
            p += m;
            x[i] = p + (x[i] - before);
            (slow[i], momentum[i]) = (p, m);
        }
    }
}
