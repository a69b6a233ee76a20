namespace Dpwa.Examples.Vision.Training;

/// <summary>The mean of the last losses: the loss of one batch says little, and it steers the averaging when <c>interpolation: loss</c> is set.</summary>
/// <param name="initial">The value before anything was added.</param>
/// <param name="window">How many values count; 10 as in the original dpwa.</param>
public sealed class MovingAverage(double initial, int window = 10)
{
    private readonly Queue<double> _values = new(window);

    /// <summary>The mean.</summary>
    public double Value { get; private set; } = initial;

    /// <summary>The value added last.</summary>
    public double Last { get; private set; } = initial;

    /// <summary>Adds a value and returns the new mean.</summary>
    /// <exception cref="ArithmeticException">The value is not finite: there is nothing left to train, or to give to others.</exception>
    public double Add(double value)
    {
        if (!double.IsFinite(value))
            throw new ArithmeticException($"The training diverged: the loss is {value}. Try a smaller learning rate.");
        if (_values.Count == window)
            _values.Dequeue();
        _values.Enqueue(Last = value);
        return Value = _values.Average();
    }
}
