using System.Globalization;
using Dpwa.Examples.CharGpt.Model;

namespace Dpwa.Examples.CharGpt;

/// <summary>How the learning rate goes on after the warm-up.</summary>
internal enum Schedule
{
    /// <summary>Down to a tenth along half a cosine.</summary>
    Cosine,

    /// <summary>It stays.</summary>
    Constant,
}

/// <summary>The command line, as values. <see cref="CommandLine"/> says what each one is.</summary>
internal sealed record Settings
{
    private const double LastRate = 0.1;

    public required string? Name { get; init; }
    public required string? ConfigFile { get; init; }
    public required int Workers { get; init; }
    public required string Method { get; init; }
    public required int? ExchangeEvery { get; init; }
    public required int Steps { get; init; }
    public required int BatchSize { get; init; }
    public required int Context { get; init; }
    public required int Layers { get; init; }
    public required int Heads { get; init; }
    public required int Embed { get; init; }
    public required double LearningRate { get; init; }
    public required Schedule Schedule { get; init; }
    public required int WarmUp { get; init; }
    public required string? Data { get; init; }
    public required int Seed { get; init; }
    public required int Sample { get; init; }
    public required string? Save { get; init; }

    /// <summary>The workers' names when this program starts them.</summary>
    public IReadOnlyList<string> Names => [.. Enumerable.Range(1, Workers).Select(i => $"w{i}")];

    /// <summary>What the configuration says beside the nodes when this program writes it.</summary>
    public IEnumerable<string> ClusterSettings =>
        [$"method: {Method}", $"seed: {Seed}", .. ExchangeEvery is int every ? [$"exchange_every: {every}"] : Array.Empty<string>()];

    /// <summary>Looks at every value that cannot be used.</summary>
    /// <exception cref="CharGptException">There is one; the message has a line for each.</exception>
    public void Validate()
    {
        (bool Right, string Message)[] rules =
        [
            (Workers >= 2, "--workers must be at least 2: the comparison with one alone is made in any case."),
            (ExchangeEvery is null or >= 1, "--exchange-every must be at least 1."),
            (Steps >= 1, "--steps must be at least 1."),
            (BatchSize >= 1, "--batch-size must be at least 1."),
            (Context >= 1, "--context must be at least 1."),
            (Layers >= 1, "--layers must be at least 1."),
            (Heads >= 1 && Embed >= 1 && Embed % Heads == 0, "--embed must be a multiple of --heads, both at least 1."),
            (LearningRate is > 0 and < double.PositiveInfinity, "--lr must be above 0."),
            (WarmUp >= 0, "--warm-up must be at least 0."),
            (Sample >= 0, "--sample must be at least 0."),
        ];
        if (!rules.All(r => r.Right))
            throw new CharGptException(string.Join(Environment.NewLine, rules.Where(r => !r.Right).Select(r => r.Message)));
    }

    /// <summary>The net at its start, the same for every worker.</summary>
    public Gpt CreateModel(int vocabulary) => new(new GptShape(vocabulary, Context, Layers, Heads, Embed), Seed);

    /// <summary>The factor of the learning rate at a step, from 0: a linear warm-up, then the schedule.</summary>
    public double RateFactor(int step)
    {
        if (step < WarmUp)
            return (step + 1.0) / (WarmUp + 1);
        if (Schedule == Schedule.Constant)
            return 1;
        double progress = Math.Min(1, (step - WarmUp) / (double)Math.Max(1, Steps - WarmUp));
        return LastRate + (1 - LastRate) * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }

    /// <summary>The command line of a worker of this cluster that trains the same.</summary>
    public IEnumerable<string> WorkerArguments(string name, string config, string save) =>
    [
        "--name", name, "--config", config, "--save", save, "--json",
        .. Given("--steps", Steps), .. Given("--batch-size", BatchSize), .. Given("--context", Context), .. Given("--layers", Layers),
        .. Given("--heads", Heads), .. Given("--embed", Embed), .. Given("--lr", LearningRate), .. Given("--schedule", Schedule),
        .. Given("--warm-up", WarmUp), .. Given("--seed", Seed), .. Data is null ? [] : Given("--data", Data),
    ];

    private static string[] Given(string option, object value) => [option, string.Create(CultureInfo.InvariantCulture, $"{value}")];
}
