using System.CommandLine;
using System.Text.Json;

namespace Dpwa.Examples.Digits;

/// <summary>The command line, as values.</summary>
internal sealed record Settings(
    string? Name, string? ConfigFile, string? Data, bool NonIid, int Steps, int BatchSize, double LearningRate, TimeSpan Pause, int Seed, string? Save)
{
    /// <summary>The learning rate at a step, from 0: down to nothing along half a cosine, so that the last steps, which some worker trains when the others have left, change little.</summary>
    public float RateAt(int step) => (float)(LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / Steps)));
}

/// <summary>Options, and what becomes of errors: a message without a stack trace, and an exit code.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    public static int Run(string[] args, Func<Settings, WorkerResult> train)
    {
        Option<string?> name = new("--name") { Description = "The worker's name in the configuration [default: $DPWA_NAME]" };
        Option<string?> config = new("--config", "--config-file") { Description = "The configuration; without it one worker trains alone [default: $DPWA_CONFIG]" };
        Option<string?> data = new("--data") { Description = "A CSV file of 8 × 8 digits, 64 numbers from 0 to 16 and the label a line [default: synthetic images]" };
        Option<bool> nonIid = new("--non-iid") { Description = "Each worker has images of a few digits only, instead of a fair sample" };
        Option<int> steps = new("--steps") { Description = "Batches to train", DefaultValueFactory = _ => 2000 };
        Option<int> batchSize = new("--batch-size") { Description = "Images a batch", DefaultValueFactory = _ => 16 };
        Option<double> rate = new("--lr") { Description = "Learning rate at the start; it falls to 0", DefaultValueFactory = _ => 0.1 };
        Option<int> pause = new("--pause") { Description = "Milliseconds that each step takes longer, as a bigger net's would", DefaultValueFactory = _ => 2 };
        Option<int> seed = new("--seed") { Description = "Fixes the net's start, the shares and the batches; workers that are averaged share it", DefaultValueFactory = _ => 1 };
        Option<string?> save = new("--save") { Description = "Write the parameters to this file, one number a line" };
        Option<bool> json = new("--json") { Description = "Print the result as one line of JSON" };
        AtLeast(1, steps, batchSize);
        AtLeast(0, pause, seed);
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and < double.PositiveInfinity))
                result.AddError("--lr must be above 0.");
        });

        var root = new RootCommand("Trains a small net on handwritten digits, alone or averaging with its peers.") { name, config, data, nonIid, steps, batchSize, rate, pause, seed, save, json };
        root.SetAction(parsed =>
        {
            WorkerResult result = train(new Settings(
                parsed.GetValue(name) ?? FromEnvironment("DPWA_NAME"), parsed.GetValue(config) ?? FromEnvironment("DPWA_CONFIG"), parsed.GetValue(data), parsed.GetValue(nonIid),
                parsed.GetValue(steps), parsed.GetValue(batchSize), parsed.GetValue(rate), TimeSpan.FromMilliseconds(parsed.GetValue(pause)), parsed.GetValue(seed), parsed.GetValue(save)));
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(result, ResultJson.Default.WorkerResult) : result.ToString());
        });

        ParseResult arguments = root.Parse(args);
        if (arguments.Errors.Count > 0)
            return Fail(string.Join(Environment.NewLine, arguments.Errors.Select(e => e.Message)), WrongUsage);
        try
        {
            return arguments.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is DigitsException or DpwaException)
        {
            return Fail(e.Message, WrongUsage);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message, Failed);
        }
    }

    private static void AtLeast(int least, params ReadOnlySpan<Option<int>> options)
    {
        foreach (Option<int> option in options)
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value < least)
                    result.AddError($"{option.Name} must be at least {least}.");
            });
        }
    }

    private static int Fail(string message, int code)
    {
        Console.Error.WriteLine(message);
        return code;
    }

    private static string? FromEnvironment(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
