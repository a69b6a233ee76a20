namespace Dpwa.Forms;

/// <summary>
/// The float32 parameters of a model cut into blocks, which are numbered through the model; the last of a tensor may be shorter. A block is whole blocks of every
/// codec, so that encoded ones stand side by side too, and long enough that reading it here and there costs little more than in a row.
/// </summary>
internal sealed class ParameterBlocks
{
    /// <summary>Elements of a block.</summary>
    public const int Elements = 256;

    /// <summary>Bytes of a block.</summary>
    public const int Bytes = Elements * sizeof(float);

    private readonly int[] _tensors;
    private readonly long[] _firsts;

    public ParameterBlocks(ParameterLayout model)
    {
        _tensors = [.. Enumerable.Range(0, model.Tensors.Length).Where(i => IsCut(model.Tensors[i]))];
        _firsts = new long[_tensors.Length];
        for (int i = 0; i < _tensors.Length; i++)
        {
            _firsts[i] = Count;
            Count += (model.Tensors[_tensors[i]].Elements + Elements - 1) / Elements;
        }
    }

    /// <summary>How many there are.</summary>
    public long Count { get; }

    /// <summary>Whether a tensor is cut into blocks.</summary>
    public static bool IsCut(TensorInfo tensor) => tensor is { Type: ElementType.Float32, Kind: TensorKind.Parameter };

    /// <summary>The bytes of one block in a model.</summary>
    public Span<byte> Of<TModel>(TModel model, long block)
        where TModel : IModelMemory, allows ref struct
    {
        int tensor = _firsts.AsSpan().BinarySearch(block);
        if (tensor < 0)
            tensor = ~tensor - 1;
        Span<byte> whole = model.Segment(_tensors[tensor]);
        int start = (int)((block - _firsts[tensor]) * Bytes);
        return whole.Slice(start, Math.Min(Bytes, whole.Length - start));
    }
}
