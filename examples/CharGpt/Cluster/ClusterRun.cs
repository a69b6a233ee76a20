using System.Diagnostics;
using System.Text.Json;
using Dpwa.Data;
using Dpwa.Examples.CharGpt.Model;
using Dpwa.Examples.CharGpt.Text;
using Dpwa.Examples.CharGpt.Training;
using Dpwa.Examples.LocalCluster;
using Dpwa.Launch;
using Dpwa.Launch.Workers;
using TorchSharp;

namespace Dpwa.Examples.CharGpt.Cluster;

/// <summary>A cluster of this machine from start to end: its workers as processes, then one of them alone in this one, and the comparison.</summary>
internal sealed class ClusterRun(Settings settings, Display display, Corpus corpus)
{
    public async Task RunAsync(CancellationToken interrupted)
    {
        long start = Stopwatch.GetTimestamp();
        DirectoryInfo directory = Directory.CreateTempSubdirectory("dpwa-chargpt-");
        try
        {
            // Wrong options should be told before anything is started.
            string config = Path.Combine(directory.FullName, "dpwa.yaml");
            SelfWorkers.WriteConfiguration(config, settings.Names, settings.ClusterSettings);
            DpwaOptions cluster = DpwaOptions.Load(config);
            _ = new Windows(corpus.Of(new DataShard(0, settings.Workers)), settings.Context, settings.BatchSize);
            _ = new Windows(corpus.Validation, settings.Context, settings.BatchSize);
            using Gpt mean = settings.CreateModel(corpus.Tokenizer.Count);
            long parameters = mean.parameters().Sum(p => p.numel());
            display.Say($"A GPT of {parameters:N0} parameters on {corpus.Description}: {corpus.Length:N0} characters, {corpus.Tokenizer.Count} different ones, of which each worker has a piece.");

            display.Say($"Together: {settings.Workers} workers, {settings.Method}, an exchange at every {(cluster.ExchangeEvery == 1 ? "step" : $"{cluster.ExchangeEvery} steps")}");
            IReadOnlyList<WorkerSummary> workers = await TrainAsync(config, ModelFile, interrupted);
            double meanLoss = StoreMean(mean, settings.Names.Select(ModelFile));

            string first = settings.Names[0];
            display.Say($"Alone: {first} once more, the same batches, no exchanges");
            using Gpt net = settings.CreateModel(corpus.Tokenizer.Count);
            WorkerSummary alone = new Trainer(settings, corpus, new DataShard(0, settings.Workers)).Run(first, net, cluster: null, display.Say, interrupted);

            string? sample = display.ShowSample(mean, corpus, settings);
            display.Show(new RunResult(
                corpus.Description, settings.Method, cluster.ExchangeEvery, parameters, workers, meanLoss, alone, Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 1), sample));
            if (settings.Save is not null)
                mean.save(settings.Save);
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        string ModelFile(string name) => Path.Combine(directory.FullName, $"{name}.model");
    }

    /// <summary>Runs the workers to their end and gives what they say of themselves, in the order of their names.</summary>
    private async Task<IReadOnlyList<WorkerSummary>> TrainAsync(string config, Func<string, string> modelFile, CancellationToken interrupted)
    {
        var summaries = new Dictionary<string, WorkerSummary>(StringComparer.Ordinal);
        await new SelfWorkers(settings.Names, name => settings.WorkerArguments(name, config, modelFile(name)), Take).RunAsync(done: null, interrupted);
        return [.. settings.Names.Select(name => summaries.GetValueOrDefault(name) ?? throw new LaunchException($"{name} ended without a result."))];

        // With --json a worker writes its result to standard output, and how far it is to standard error.
        bool Take(WorkerOutput line)
        {
            if (!line.IsError)
                summaries[line.Worker] = JsonSerializer.Deserialize(line.Text, ResultJson.Default.WorkerSummary)!;
            else if (line.Text.StartsWith($"{line.Worker}: ", StringComparison.Ordinal))
                display.Say(line.Text);
            else
                return false;
            return true;
        }
    }

    private double StoreMean(Gpt mean, IEnumerable<string> files)
    {
        List<Gpt> models = [];
        try
        {
            foreach (string file in files)
            {
                models.Add(settings.CreateModel(corpus.Tokenizer.Count));
                models[^1].load(file);
            }

            ModelMean.Store(models, mean);
        }
        finally
        {
            models.ForEach(m => m.Dispose());
        }

        return Evaluation.Loss(mean, corpus.Validation);
    }
}
