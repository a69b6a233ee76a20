using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dpwa.Examples.Demo;

/// <summary>How far a worker is: what its process writes, a line of JSON each, and the table shows.</summary>
internal sealed record Progress
{
    private const string Mark = "progress ";

    public required string Worker { get; init; }

    public required int Steps { get; init; }

    public int Step { get; init; }

    public double Loss { get; init; }

    public double Clock { get; init; }

    public string? Peer { get; init; }

    public double Factor { get; init; }

    public int Exchanges { get; init; }

    public int Failed { get; init; }

    public double? Accuracy { get; init; }

    public double[]? ByClass { get; init; }

    public bool Finished { get; init; }

    public Progress After(double loss, UpdateResult? mixed, double clock) => mixed switch
    {
        null => this with { Step = Step + 1, Loss = Smooth(loss) },
        { Outcome: UpdateOutcome.Averaged } r => this with
        {
            Step = Step + 1,
            Loss = Smooth(loss),
            Clock = clock,
            Peer = r.Peer,
            Factor = r.Factor,
            Exchanges = Exchanges + 1,
        },
        _ => this with { Step = Step + 1, Loss = Smooth(loss), Clock = clock, Failed = Failed + 1 },
    };

    public void Write()
    {
        Console.Out.WriteLine(Mark + JsonSerializer.Serialize(this, ProgressJson.Default.Progress));
        Console.Out.Flush();
    }

    public static Progress? Read(string line) =>
        line.StartsWith(Mark, StringComparison.Ordinal) ? JsonSerializer.Deserialize(line.AsSpan(Mark.Length), ProgressJson.Default.Progress) : null;

    private double Smooth(double loss) => Step == 0 ? loss : 0.9 * Loss + 0.1 * loss;
}

[JsonSerializable(typeof(Progress))]
internal sealed partial class ProgressJson : JsonSerializerContext;
