using System.Runtime.InteropServices;
using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Snapshots;

namespace Dpwa.Tests.Codecs;

/// <summary>A model with tensors of every kind: encoded ones of whole and of short blocks, and ones that travel as they are.</summary>
internal static class CodecModel
{
    public static ParameterLayout Layout { get; } = new([
        new("bias", [3], ElementType.Float32, TensorKind.Parameter),
        new("mean", [70], ElementType.Float32, TensorKind.Statistic),
        new("weight", [5, 200], ElementType.Float32, TensorKind.Parameter),
        new("half", [9], ElementType.Float16, TensorKind.Parameter),
        new("double", [7], ElementType.Float64, TensorKind.Parameter),
        new("exact", [256], ElementType.Float32, TensorKind.Parameter),
        new("count", [], ElementType.Float32, TensorKind.Statistic)]);

    public static VirtualModel Filled(int seed)
    {
        var model = new VirtualModel(Layout);
        for (int i = 0; i < Layout.Tensors.Length; i++)
            Fill(model.Segment(i), Layout.Tensors[i], seed * 100 + i);
        return model;
    }

    public static Snapshot Published(VirtualModel model)
    {
        var snapshot = new Snapshot(model.Layout);
        Assert.True(ModelUpdate.Publish(model, snapshot));
        return snapshot.Lease();
    }

    /// <summary>The payload as docs/protocol.md describes it: tensor after tensor, each at a multiple of 64, zeros between.</summary>
    public static byte[] Payload(VirtualModel model, PayloadCodec codec)
    {
        var payload = new List<byte>();
        for (int i = 0; i < model.Layout.Tensors.Length; i++)
        {
            TensorInfo tensor = model.Layout.Tensors[i];
            bool isEncoded = tensor.Type == ElementType.Float32 && tensor.Kind == TensorKind.Parameter;
            payload.AddRange(isEncoded ? CodecValues.Expected(codec, model.Values(i).ToArray()) : model.Segment(i).ToArray());
            payload.AddRange(new byte[(64 - payload.Count % 64) % 64]);
        }

        return [.. payload];
    }

    public static byte[] Read(IPayload payload) => payload.Piece(0, payload.Length).ToArray();

    private static void Fill(Span<byte> tensor, TensorInfo info, int seed)
    {
        float[] values = CodecValues.Parameters((int)info.Elements, seed);
        for (int i = 0; i < values.Length; i++)
        {
            switch (info.Type)
            {
                case ElementType.Float32: MemoryMarshal.Write(tensor[(i * 4)..], values[i]); break;
                case ElementType.Float64: MemoryMarshal.Write(tensor[(i * 8)..], (double)values[i]); break;
                default: MemoryMarshal.Write(tensor[(i * 2)..], (Half)values[i]); break;
            }
        }
    }
}
