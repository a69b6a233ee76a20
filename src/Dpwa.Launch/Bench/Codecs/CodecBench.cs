using System.Diagnostics;
using System.Runtime.InteropServices;
using Dpwa.Codecs;
using Dpwa.Launch.Bench.Memory;
using Dpwa.Protocol;

namespace Dpwa.Launch.Bench.Codecs;

/// <summary>Measures encoding and decoding of each codec on one thread, in turn so that noise hits all alike.</summary>
public static class CodecBench
{
    private const int Seed = 1;
    private const int SmallValues = 16 * 1024;
    private const long BytesEach = 1_000_000_000;
    // As a connection does it: pieces that stay in the cache.
    private const int Piece = 256 * 1024;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    /// <summary>Does it.</summary>
    /// <param name="bytes">The bytes of the values as float32, at most 1 GiB.</param>
    /// <param name="ct">Ends it before its time.</param>
    /// <exception cref="LaunchException">It is none or more than 1 GiB.</exception>
    public static CodecReport Run(long bytes, CancellationToken ct = default)
    {
        if (bytes is < sizeof(float) or > ParameterLayout.MaxTensorBytes)
            throw new LaunchException($"{Quantity.ShowBytes(bytes)} of values: from 4 B to 1 GiB can be measured.");
        var codecs = Enum.GetValues<PayloadCodec>();
        foreach (var codec in codecs) Compile(codec);
        using var values = new NativeBlock(bytes / sizeof(float) * sizeof(float), Seed);
        FillNormal(Floats(values), new Random(Seed));
        Lane[] lanes = [.. codecs.Select(codec => new Lane(codec, values))];
        try
        {
            var rounds = (int)Math.Clamp(BytesEach / bytes, 5, 100);
            for (var round = -1; round < rounds; round++)
            {
                ct.ThrowIfCancellationRequested();
                foreach (var lane in lanes) lane.Measure(isCounted: round >= 0);
            }

            return new(values.Length, values.Length / sizeof(float), [.. lanes.Select(lane => lane.Rates())]);
        }
        finally
        {
            foreach (var lane in lanes) lane.Dispose();
        }
    }

    private static Span<float> Floats(NativeBlock block) => MemoryMarshal.Cast<byte, float>(block.Span(0, block.Length));

    /// <summary>Two values of a normal distribution from two uniform ones (Box and Muller).</summary>
    private static void FillNormal(Span<float> values, Random random)
    {
        for (var i = 0; i < values.Length; i += 2)
        {
            var (length, angle) = (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), 2 * Math.PI * random.NextDouble());
            values[i] = (float)(length * Math.Cos(angle));
            if (i + 1 < values.Length) values[i + 1] = (float)(length * Math.Sin(angle));
        }
    }

    // Until the runtime has made fast code of it.
    private static void Compile(PayloadCodec codec)
    {
        using var values = new NativeBlock(SmallValues * sizeof(float), Seed);
        using var lane = new Lane(codec, values);
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;) lane.Measure(isCounted: false);
    }

    private sealed class Lane(PayloadCodec codec, NativeBlock values) : IDisposable
    {
        private readonly NativeBlock _encoded = new(PayloadCodecs.EncodedLength(codec, values.Length / sizeof(float)), Seed);
        private readonly NativeBlock _decoded = new(values.Length, Seed);
        private readonly List<double> _encode = [];
        private readonly List<double> _decode = [];

        public void Measure(bool isCounted)
        {
            var start = Stopwatch.GetTimestamp();
            Each((encoded, from, _) => PayloadCodecs.Encode(codec, from, encoded));
            var between = Stopwatch.GetTimestamp();
            Each((encoded, _, to) => PayloadCodecs.Decode(codec, encoded, to));
            var end = Stopwatch.GetTimestamp();
            if (!isCounted) return;
            _encode.Add(values.Length / Stopwatch.GetElapsedTime(start, between).TotalSeconds / 1e9);
            _decode.Add(values.Length / Stopwatch.GetElapsedTime(between, end).TotalSeconds / 1e9);
        }

        public CodecRates Rates()
        {
            ReadOnlySpan<float> before = Floats(values), after = Floats(_decoded);
            var squares = 0.0;
            for (var i = 0; i < before.Length; i++) squares += ((double)before[i] - after[i]) * ((double)before[i] - after[i]);
            return new(Words.Of(codec), _encoded.Length, (double)values.Length / _encoded.Length, Spread.MedianOf(_encode), Spread.MedianOf(_decode), squares / before.Length);
        }

        public void Dispose()
        {
            _encoded.Dispose();
            _decoded.Dispose();
        }

        private void Each(Act act)
        {
            var elements = values.Length / sizeof(float);
            for (var at = 0L; at < elements; at += Piece)
            {
                var count = Math.Min(Piece, elements - at);
                var encoded = _encoded.Span(PayloadCodecs.EncodedLength(codec, at), PayloadCodecs.EncodedLength(codec, count));
                act(encoded, MemoryMarshal.Cast<byte, float>(values.Span(at * sizeof(float), count * sizeof(float))), MemoryMarshal.Cast<byte, float>(_decoded.Span(at * sizeof(float), count * sizeof(float))));
            }
        }

        private delegate void Act(Span<byte> encoded, ReadOnlySpan<float> from, Span<float> to);
    }
}
