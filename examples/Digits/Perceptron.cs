using System.Globalization;
using System.Numerics.Tensors;

namespace Dpwa.Examples.Digits;

/// <summary>A net of 64 pixels, 32 hidden units (ReLU) and 10 classes (softmax), trained by plain SGD. All of its 2,410 parameters are one vector.</summary>
internal sealed class Perceptron
{
    public const int Inputs = DigitSet.Pixels;
    public const int Hidden = 32;
    public const int Classes = 10;

    // The vector: the weights of each hidden unit, their biases; the weights of each class, their biases.
    private const int HiddenBiases = Hidden * Inputs;
    private const int ClassWeights = HiddenBiases + Hidden;
    private const int ClassBiases = ClassWeights + Classes * Hidden;
    private const int Length = ClassBiases + Classes;

    private readonly float[] _parameters = new float[Length];
    private readonly float[] _gradient = new float[Length];
    private readonly float[] _hidden = new float[Hidden];
    private readonly float[] _hiddenErrors = new float[Hidden];
    private readonly float[] _classes = new float[Classes];

    /// <summary>A net at its start: weights uniform within ±√(6 / inputs) (He et al., arXiv 1502.01852), biases 0.</summary>
    public Perceptron(int seed)
    {
        var random = new Random(seed);
        Fill(_parameters.AsSpan(0, HiddenBiases), Inputs);
        Fill(_parameters.AsSpan(ClassWeights, Classes * Hidden), Hidden);

        void Fill(Span<float> weights, int inputs)
        {
            float limit = MathF.Sqrt(6f / inputs);
            foreach (ref float weight in weights)
                weight = limit * (2 * random.NextSingle() - 1);
        }
    }

    /// <summary>The live parameters.</summary>
    public Span<float> Parameters => _parameters;

    /// <summary>One number a line, exactly.</summary>
    public IEnumerable<string> ParametersAsText() => _parameters.Select(p => p.ToString(CultureInfo.InvariantCulture));

    /// <summary>One step of SGD on the images of these indices. Gives their mean cross-entropy before it, in nats.</summary>
    public double Step(DigitSet set, ReadOnlySpan<int> batch, float rate)
    {
        _gradient.AsSpan().Clear();
        double loss = 0;
        foreach (int i in batch)
        {
            Forward(set.Image(i));
            loss -= Math.Log(Math.Max(_classes[set.Labels[i]], float.Epsilon));
            Backward(set.Image(i), set.Labels[i]);
        }

        TensorPrimitives.MultiplyAdd(_gradient, -rate / batch.Length, _parameters, _parameters);
        return loss / batch.Length;
    }

    /// <summary>The share of the images that it tells right.</summary>
    public double Accuracy(DigitSet set)
    {
        int right = 0;
        for (int i = 0; i < set.Count; i++)
        {
            Forward(set.Image(i));
            if (TensorPrimitives.IndexOfMax<float>(_classes) == set.Labels[i])
                right++;
        }

        return (double)right / set.Count;
    }

    /// <summary>Fills the hidden units, and the classes with their probabilities.</summary>
    private void Forward(ReadOnlySpan<float> image)
    {
        for (int h = 0; h < Hidden; h++)
            _hidden[h] = Math.Max(0, TensorPrimitives.Dot(image, _parameters.AsSpan(h * Inputs, Inputs)) + _parameters[HiddenBiases + h]);
        for (int c = 0; c < Classes; c++)
            _classes[c] = TensorPrimitives.Dot<float>(_hidden, _parameters.AsSpan(ClassWeights + c * Hidden, Hidden)) + _parameters[ClassBiases + c];
        TensorPrimitives.SoftMax<float>(_classes, _classes);
    }

    /// <summary>Adds an image's gradient, after <see cref="Forward"/>. The error of a class is its probability, less 1 for the right one.</summary>
    private void Backward(ReadOnlySpan<float> image, int label)
    {
        _classes[label] -= 1;
        _hiddenErrors.AsSpan().Clear();
        for (int c = 0; c < Classes; c++)
        {
            Span<float> gradient = _gradient.AsSpan(ClassWeights + c * Hidden, Hidden);
            TensorPrimitives.MultiplyAdd(_hidden, _classes[c], gradient, gradient);
            _gradient[ClassBiases + c] += _classes[c];
            TensorPrimitives.MultiplyAdd(_parameters.AsSpan(ClassWeights + c * Hidden, Hidden), _classes[c], _hiddenErrors, _hiddenErrors);
        }

        for (int h = 0; h < Hidden; h++)
        {
            if (_hidden[h] <= 0)
                continue;
            Span<float> gradient = _gradient.AsSpan(h * Inputs, Inputs);
            TensorPrimitives.MultiplyAdd(image, _hiddenErrors[h], gradient, gradient);
            _gradient[HiddenBiases + h] += _hiddenErrors[h];
        }
    }
}
