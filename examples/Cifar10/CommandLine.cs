using System.CommandLine;
using Dpwa.Examples.Vision;
using Dpwa.Examples.Vision.Models;

namespace Dpwa.Examples.Cifar10;

/// <summary>Options, and what becomes of errors: a message without a stack trace, and an exit code.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    public static int Run(string[] args, Func<Settings, Display, int> train)
    {
        Option<string?> name = new("--name") { Description = "This worker's name in the configuration [default: $DPWA_NAME]" };
        Option<string?> config = new("--config-file", "--config") { Description = "The cluster's configuration; without one the worker trains alone [default: $DPWA_CONFIG]" };
        Option<string> model = new("--model") { Description = $"One of {string.Join(", ", ModelCatalog.All.Select(m => m.Name))}", DefaultValueFactory = _ => "lenet" };
        Option<double?> rate = new("--lr") { Description = "Learning rate [default: one that suits the model]" };
        Option<int> batchSize = new("--batch-size") { Description = "Images a batch", DefaultValueFactory = _ => 128 };
        Option<int> epochs = new("--epochs") { Description = "How often each image is trained on, resumed epochs included", DefaultValueFactory = _ => 5 };
        Option<string?> data = new("--data") { Description = "A directory with CIFAR-10 (.bin) or MNIST (IDX) files [default: synthetic images]" };
        Option<int?> trainSize = new("--train-size", "--limit") { Description = "Train on the first so many images only, all workers together" };
        Option<bool> byLabel = new("--by-label") { Description = "Give each worker images of a few classes only, as where data cannot leave the place where it arises" };
        Option<bool> resume = new("--resume") { Description = "Go on from this worker's checkpoint, if it has one" };
        Option<int> seed = new("--seed") { Description = "Fixes initial parameters, order and augmentation; workers that are averaged share it", DefaultValueFactory = _ => 0 };
        Option<int?> threads = new("--threads") { Description = "Threads that compute [default: $OMP_NUM_THREADS, else every core]" };
        Option<string> checkpoints = new("--checkpoint-dir") { Description = "Where each worker keeps its best model, as <name>.best", DefaultValueFactory = _ => "checkpoints" };
        Option<string> device = new("--device") { Description = "cpu, cuda or cuda:<index>", DefaultValueFactory = _ => "cpu" };
        Option<bool> json = new("--json") { Description = "Print the summary as one line of JSON on standard output, and all else on standard error" };
        Option<string?> trace = new("--trace") { Description = "A directory for <name>.csv with a line for each batch, for measurements" };
        Option<int?> testEvery = new("--test-every") { Description = "Keep the model after every so many batches, and test them all at the end; for --trace" };
        Option<int?> alternate = new("--alternate") { Description = "Exchange for so many seconds, then train alone for as many, and so on, to see what exchanges cost" };

        var root = new RootCommand("Trains an image classifier, averaging with random peers as it goes.")
        {
            name, config, model, rate, batchSize, epochs, data, trainSize, byLabel, resume, seed, threads, checkpoints, device, json, trace, testEvery, alternate,
        };
        root.SetAction(parsed => Guarded(() =>
        {
            string? configFile = parsed.GetValue(config) ?? FromEnvironment("DPWA_CONFIG"), worker = parsed.GetValue(name) ?? FromEnvironment("DPWA_NAME");
            if (configFile is not null && worker is null)
                throw new VisionException("A worker of a cluster needs its name: give --name, or set DPWA_NAME.");
            ModelInfo chosen = ModelCatalog.Find(parsed.GetRequiredValue(model));
            var settings = new Settings
            {
                Name = worker ?? "worker",
                ConfigFile = configFile,
                Model = chosen.Name,
                LearningRate = parsed.GetValue(rate) ?? chosen.LearningRate,
                BatchSize = parsed.GetValue(batchSize),
                Epochs = parsed.GetValue(epochs),
                Data = parsed.GetValue(data),
                TrainSize = parsed.GetValue(trainSize),
                ByLabel = parsed.GetValue(byLabel),
                Resume = parsed.GetValue(resume),
                Seed = parsed.GetValue(seed),
                Threads = parsed.GetValue(threads),
                CheckpointDirectory = parsed.GetRequiredValue(checkpoints),
                Device = parsed.GetRequiredValue(device),
                TraceDirectory = parsed.GetValue(trace),
                TestEvery = parsed.GetValue(testEvery),
                Alternate = parsed.GetValue(alternate),
            };
            settings.Validate();
            using var display = new Display(settings.Name, parsed.GetValue(json));
            return train(settings, display);
        }));

        ParseResult result = root.Parse(args);
        return result.Errors.Count == 0 ? result.Invoke() : Fail(string.Join(Environment.NewLine, result.Errors.Select(e => e.Message)), WrongUsage);
    }

    private static int Guarded(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (e is VisionException || (e is DpwaException and not DpwaCheckpointException { IsTransient: true }))
        {
            return Fail(e.Message, WrongUsage);
        }
        catch (Exception e) when (e is ArithmeticException or DpwaException or IOException or UnauthorizedAccessException)
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
