namespace Dpwa.Simulation.Problems;

/// <summary>The kinds of problems.</summary>
public enum ProblemKind
{
    /// <summary>Every node begins with normal values of variance 1; nothing is trained. Only exchanges bring them together.</summary>
    Consensus,

    /// <summary>A quadratic bowl whose gradient is noisy.</summary>
    Quadratic,

    /// <summary>Multinomial logistic regression, each node on its share of the data.</summary>
    Logistic,
}

/// <summary>A problem, in figures.</summary>
public sealed record ProblemSettings
{
    /// <summary>Which (consensus).</summary>
    public ProblemKind Kind { get; init; }

    /// <summary>The number of parameters; for logistic regression on synthetic data the number of features of a sample. Null: 1, and 16 for the latter.</summary>
    public int? Dimension { get; init; }

    /// <summary>The learning rate η. Null: 0.1, and 0.5 for logistic regression.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The standard deviation σ of the quadratic's noise in each coordinate of a gradient (1).</summary>
    public double Noise { get; init; } = 1;

    /// <summary>The quadratic's curvature c: the gradient is c·(x − optimum) + σ·noise (1). 0 leaves the noise alone.</summary>
    public double Curvature { get; init; } = 1;

    /// <summary>The samples of a step of logistic regression (16).</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>What logistic regression learns from. Null: synthetic samples, <see cref="LabelledData.Synthetic"/>.</summary>
    public LabelledData? Data { get; init; }

    /// <summary>Whether the nodes' data differ: for logistic regression each node has few of the labels; the optimum of the quadratic is another for each node, with variance 1 about the
    /// common one.</summary>
    public bool NonIid { get; init; }

    /// <summary>The number of parameters of a model.</summary>
    public long ParameterCount => Kind switch
    {
        ProblemKind.Logistic => LogisticProblem.ParameterCount(this),
        _ => Dimension ?? 1,
    };

    /// <summary>The problem.</summary>
    /// <param name="nodes">The number of nodes.</param>
    /// <param name="seed">The source of all chance in it.</param>
    /// <exception cref="SimulationException">There are fewer samples than nodes.</exception>
    public IProblem Create(int nodes, int seed) => Kind switch
    {
        ProblemKind.Consensus => new ConsensusProblem(nodes, Dimension ?? 1, seed),
        ProblemKind.Quadratic => new QuadraticProblem(this, nodes, seed),
        _ => new LogisticProblem(this, nodes, seed),
    };

    /// <summary>How many numbers <see cref="Create"/> draws as data.</summary>
    internal long SyntheticCount(int nodes) => Kind == ProblemKind.Logistic ? LogisticProblem.SyntheticCount(this, nodes) : 0;

    /// <exception cref="SimulationException"><see cref="Create"/> would refuse it.</exception>
    internal void Check(int nodes)
    {
        if (Kind == ProblemKind.Logistic && Data is not null)
            LogisticProblem.Check(Data, nodes);
    }
}
