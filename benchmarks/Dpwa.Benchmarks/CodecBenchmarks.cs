using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Benchmarks;

/// <summary>Encoding 4 Mi float32 values, as it is done while they are sent, and mixing what arrived encoded, against a copy of the values.</summary>
public class CodecBenchmarks
{
    private const int Elements = 4 << 20;
    private const double Factor = 0.25;

    private readonly PayloadEncoder _encoder = new();
    private readonly float[] _copy = new float[Elements];
    private Model _model = null!;
    private IncomingPayload[] _encoded = null!;

    [GlobalSetup]
    public void Setup()
    {
        _model = new Model(Elements);
        _encoded = [.. Enum.GetValues<PayloadCodec>().Select(Encoded)];
    }

    [Benchmark(Baseline = true)]
    public void Plain_copy() => MemoryMarshal.Cast<byte, float>(_model.Payload.Segment(0).Span)[..Elements].CopyTo(_copy);

    [Benchmark]
    public long Encode_bfloat16() => Encode(PayloadCodec.BFloat16);

    [Benchmark]
    public long Encode_float16() => Encode(PayloadCodec.Float16);

    [Benchmark]
    public long Encode_int8() => Encode(PayloadCodec.Int8);

    [Benchmark]
    public void Mix_bfloat16() => Mix(PayloadCodec.BFloat16);

    [Benchmark]
    public void Mix_float16() => Mix(PayloadCodec.Float16);

    [Benchmark]
    public void Mix_int8() => Mix(PayloadCodec.Int8);

    [Benchmark]
    public void Mix_int8_delta() => ModelUpdate.Mix(_model, _model.Layout, _encoded[(int)PayloadCodec.Int8], _model.Payload, Factor, PayloadCodec.Int8);

    private long Encode(PayloadCodec codec)
    {
        _encoder.Begin(_model.Payload, EncodedLayout.Of(_model.Layout, codec));
        long sent = 0;
        while (_encoder.Next() is { IsEmpty: false } piece)
            sent += piece.Length;
        return sent;
    }

    private void Mix(PayloadCodec codec) => ModelUpdate.Mix(_model, _model.Layout, _encoded[(int)codec], own: null, Factor, codec);

    private IncomingPayload Encoded(PayloadCodec codec)
    {
        var layout = EncodedLayout.Of(_model.Layout, codec);
        var body = new IncomingPayload(layout.Length, _model.Layout, giveBack: null, codec);
        _encoder.Begin(_model.Payload, layout);
        for (long at = 0; _encoder.Next() is { IsEmpty: false } piece; at += piece.Length)
            piece.CopyTo(body.Piece(at, piece.Length));
        return body;
    }
}
