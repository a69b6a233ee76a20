namespace Dpwa.Simulation.Problems;

/// <summary>
/// The loss <c>½·c·‖x − optimum‖²</c> with gradients <c>c·(x − optimum) + σ·noise</c>. The optimum of all is 0, and all begin at 1; in the non-IID form
/// each node has an optimum of its own, and what all learn is judged by the mean of those.
/// </summary>
internal sealed class QuadraticProblem : IProblem
{
    private readonly double _rate;
    private readonly double _noise;
    private readonly double _curvature;
    private readonly NormalStream[] _random;
    private readonly float[]? _optima;
    private readonly double[] _optimum;

    public QuadraticProblem(ProblemSettings settings, int nodes, int seed)
    {
        (_rate, _noise, _curvature) = (settings.LearningRate ?? 0.1, settings.Noise, settings.Curvature);
        _random = [.. Enumerable.Range(0, nodes).Select(node => new NormalStream(seed, node))];
        _optimum = new double[settings.Dimension ?? 1];
        if (!settings.NonIid)
            return;
        _optima = new float[nodes * Dimension];
        for (int i = 0; i < _optima.Length; i++)
        {
            _optima[i] = (float)_random[i / Dimension].NextNormal();
            _optimum[i % Dimension] += (double)_optima[i] / nodes;
        }
    }

    public int Dimension => _optimum.Length;

    public void Start(int node, Span<float> x) => x.Fill(1);

    public double Step(int node, Span<float> x)
    {
        ReadOnlySpan<float> optimum = _optima is null ? default : _optima.AsSpan(node * Dimension, Dimension);
        ref NormalStream random = ref _random[node];
        double loss = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double off = optimum.IsEmpty ? x[i] : x[i] - optimum[i];
            loss += off * off;
            double gradient = _curvature * off + (_noise > 0 ? _noise * random.NextNormal() : 0);
            x[i] -= (float)(_rate * gradient);
        }

        return _curvature * loss / 2;
    }

    public double Loss(ReadOnlySpan<double> x)
    {
        double loss = 0;
        for (int i = 0; i < x.Length; i++)
            loss += (x[i] - _optimum[i]) * (x[i] - _optimum[i]);
        return _curvature * loss / 2;
    }
}
