namespace Dpwa.Simulation.Problems;

/// <summary>Nothing is trained. The loss of a model is half of its mean squared distance from the mean of all starting values: 0 for as long as exchanges conserve the mean.</summary>
internal sealed class ConsensusProblem : IProblem
{
    private readonly int _seed;
    private readonly double[] _target;

    public ConsensusProblem(int nodes, int dimension, int seed)
    {
        _seed = seed;
        _target = new double[dimension];
        float[] x = new float[dimension];
        for (int node = 0; node < nodes; node++)
        {
            Start(node, x);
            for (int i = 0; i < x.Length; i++)
                _target[i] += (double)x[i] / nodes;
        }
    }

    public int Dimension => _target.Length;

    public void Start(int node, Span<float> x)
    {
        var random = new NormalStream(_seed, node);
        foreach (ref float value in x)
            value = (float)random.NextNormal();
    }

    public double Step(int node, Span<float> x)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += (x[i] - _target[i]) * (x[i] - _target[i]);
        return sum / 2 / x.Length;
    }

    public double Loss(ReadOnlySpan<double> x)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += (x[i] - _target[i]) * (x[i] - _target[i]);
        return sum / 2 / x.Length;
    }
}
