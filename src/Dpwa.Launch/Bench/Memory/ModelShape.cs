namespace Dpwa.Launch.Bench.Memory;

/// <summary>Cuts a number of bytes into tensors.</summary>
public static class ModelShape
{
    private const int VectorStep = 64;

    /// <summary>
    /// As in a ResNet: weights, the k-th of them k times as large as the first, each followed by two vectors (a BatchNorm's weight and bias) whose
    /// length grows along with the channels.
    /// </summary>
    /// <param name="bytes">Bytes in all, without padding; what is left over an element is dropped.</param>
    /// <param name="tensors">How many tensors.</param>
    /// <param name="type">The type of all elements.</param>
    /// <exception cref="LaunchException">There are fewer elements than tensors.</exception>
    public static ParameterLayout ResNetLike(long bytes, int tensors, ElementType type = ElementType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tensors, 1);
        var elements = bytes / type.Size();
        if (elements < tensors) throw new LaunchException($"{bytes} bytes are {elements} values, too few for {tensors} tensors: ask for a larger size or fewer tensors.");
        var weights = (tensors + 2) / 3;
        // Vectors never take more than a quarter, however small the model is.
        var longest = Math.Max(1, elements / (4L * tensors));
        var vectors = Enumerable.Range(0, tensors).Where(i => i % 3 != 0).ToDictionary(i => i, i => Math.Min(longest, (long)VectorStep * ((i / 3) + 1)));
        var left = elements - vectors.Values.Sum();
        var unit = left / ((double)weights * (weights + 1) / 2);
        var taken = 0L;
        return new(Enumerable.Range(0, tensors).SelectMany(i => ParameterLayout.Split(Tensor(i))));

        TensorInfo Tensor(int i)
        {
            if (vectors.TryGetValue(i, out var length)) return Of($"layer{i / 3}.bn.{(i % 3 == 1 ? "weight" : "bias")}", length);
            // The last takes what rounding has left.
            var k = (i / 3) + 1;
            var share = k == weights ? left - taken : Math.Max(1, (long)(unit * k));
            taken += share;
            return Of($"layer{i / 3}.weight", share);
        }

        TensorInfo Of(string name, long length) => new(name, [length], type, TensorKind.Parameter);
    }
}
