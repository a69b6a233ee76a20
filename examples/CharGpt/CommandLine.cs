using System.CommandLine;
using Dpwa.Launch;

namespace Dpwa.Examples.CharGpt;

/// <summary>Options, and what becomes of errors: a message without a stack trace, and an exit code.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(string[] args, Func<Settings, Display, Task> run)
    {
        Option<int> workers = new("--workers") { Description = "Worker processes on this machine", DefaultValueFactory = _ => 4 };
        Option<string> method = new("--method") { Description = "How they exchange", DefaultValueFactory = _ => "dpwa" };
        Option<int?> exchangeEvery = new("--exchange-every") { Description = "They exchange at every n-th step [default: the method's]" };
        Option<string?> name = new("--name") { Description = "Be one worker of a cluster that runs otherwise: its name in the configuration [default: $DPWA_NAME]" };
        Option<string?> config = new("--config-file", "--config") { Description = "That cluster's configuration [default: $DPWA_CONFIG]" };
        Option<string?> data = new("--data") { Description = "A text file [default: the documentation of this repository]" };
        Option<int> steps = new("--steps") { Description = "Batches a worker trains", DefaultValueFactory = _ => 1000 };
        Option<int> batchSize = new("--batch-size") { Description = "Windows a batch", DefaultValueFactory = _ => 16 };
        Option<int> context = new("--context") { Description = "Characters a window: how far the model looks back", DefaultValueFactory = _ => 64 };
        Option<int> layers = new("--layers") { Description = "Blocks", DefaultValueFactory = _ => 2 };
        Option<int> heads = new("--heads") { Description = "Attention heads of a block", DefaultValueFactory = _ => 4 };
        Option<int> embed = new("--embed") { Description = "Width, a multiple of the heads", DefaultValueFactory = _ => 64 };
        Option<double> rate = new("--lr") { Description = "Learning rate after the warm-up", DefaultValueFactory = _ => 5e-3 };
        Option<Schedule> schedule = new("--schedule") { Description = "How it goes on", DefaultValueFactory = _ => Schedule.Cosine };
        Option<int> warmUp = new("--warm-up") { Description = "Steps in which it grows", DefaultValueFactory = _ => 50 };
        Option<int> seed = new("--seed") { Description = "Fixes initial parameters, windows and the sample; workers that are averaged share it", DefaultValueFactory = _ => 1 };
        Option<int> sample = new("--sample") { Description = "Let the mean of all models (a worker of its own cluster: its model) write so many characters at the end" };
        Option<string?> save = new("--save") { Description = "Write the model to this file" };
        Option<bool> json = new("--json") { Description = "Print the result as one line of JSON on standard output, and all else on standard error" };
        method.AcceptOnlyFromAmong([.. GossipMethods.Names]);

        var root = new RootCommand("Trains a small character-level GPT with several workers that average with each other, and one worker alone, and compares.")
        {
            workers, method, exchangeEvery, name, config, data, steps, batchSize, context, layers, heads, embed, rate, schedule, warmUp, seed, sample, save, json,
        };
        root.SetAction((parsed, _) => GuardedAsync(async () =>
        {
            string? configFile = parsed.GetValue(config) ?? FromEnvironment("DPWA_CONFIG"), worker = parsed.GetValue(name) ?? FromEnvironment("DPWA_NAME");
            if (configFile is null != worker is null)
                throw new CharGptException("A worker of a cluster needs both --name and --config, or DPWA_NAME and DPWA_CONFIG. Without them the program starts a cluster of its own.");
            if (configFile is not null && new Option[] { workers, method, exchangeEvery }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } own)
                throw new CharGptException($"{own.Name} is for a cluster that this program starts; of this one {configFile} says it.");
            var settings = new Settings
            {
                Name = worker,
                ConfigFile = configFile,
                Workers = parsed.GetValue(workers),
                Method = parsed.GetRequiredValue(method),
                ExchangeEvery = parsed.GetValue(exchangeEvery),
                Steps = parsed.GetValue(steps),
                BatchSize = parsed.GetValue(batchSize),
                Context = parsed.GetValue(context),
                Layers = parsed.GetValue(layers),
                Heads = parsed.GetValue(heads),
                Embed = parsed.GetValue(embed),
                LearningRate = parsed.GetValue(rate),
                Schedule = parsed.GetValue(schedule),
                WarmUp = parsed.GetValue(warmUp),
                Data = parsed.GetValue(data),
                Seed = parsed.GetValue(seed),
                Sample = parsed.GetValue(sample),
                Save = parsed.GetValue(save),
            };
            settings.Validate();
            using var display = new Display(parsed.GetValue(json));
            await run(settings, display);
            return 0;
        }));

        ParseResult result = root.Parse(args);
        return result.Errors.Count == 0
            ? await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null })
            : Fail(string.Join(Environment.NewLine, result.Errors.Select(e => e.Message)), WrongUsage);
    }

    private static async Task<int> GuardedAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException)
        {
            return Fail("Stopped.", Interrupted);
        }
        catch (Exception e) when (e is CharGptException or DpwaException)
        {
            return Fail(e.Message, WrongUsage);
        }
        catch (Exception e) when (e is LaunchException or ArithmeticException or IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message, Failed);
        }
    }

    private static int Fail(string message, int code)
    {
        Console.Error.WriteLine(message);
        return code;
    }

    private static string? FromEnvironment(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
