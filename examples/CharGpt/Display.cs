using System.Text.Json;
using Dpwa.Examples.CharGpt.Cluster;
using Dpwa.Examples.CharGpt.Model;
using Dpwa.Examples.CharGpt.Text;
using Dpwa.Examples.CharGpt.Training;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Spectre.Console;

namespace Dpwa.Examples.CharGpt;

/// <summary>What a person sees, and with <c>--json</c> what a program reads.</summary>
internal sealed class Display : IDisposable
{
    private readonly bool _json;
    private readonly IAnsiConsole _console;

    public Display(bool json)
    {
        _json = json;
        _console = json ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }) : AnsiConsole.Console;

        // To standard error: a peer that could not be used says there why.
        Loggers = LoggerFactory.Create(b => b
            .AddSimpleConsole(o => o.SingleLine = true)
            .AddConsole(o =>
            {
                o.LogToStandardErrorThreshold = LogLevel.Trace;
                if (Environment.GetEnvironmentVariable("DPWA_LOG_FORMAT") == "json")
                    o.FormatterName = ConsoleFormatterNames.Json;
            })
            .SetMinimumLevel(LogLevel.Warning));
    }

    /// <summary>Where the library's warnings go.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>Writes a line, however long: a log file has no width at which to break it.</summary>
    public void Say(string line) => _console.Profile.Out.Writer.WriteLine(line);

    /// <summary>Shows what the model writes, when it is to write; gives it.</summary>
    public string? ShowSample(Gpt net, Corpus corpus, Settings settings)
    {
        if (settings.Sample == 0)
            return null;
        string text = corpus.Tokenizer.Decode(Sampler.Sample(net, corpus.Validation.Span[..1], settings.Sample, (ulong)settings.Seed));
        Say("");
        Say(text);
        Say("");
        return text;
    }

    /// <summary>Shows what one worker's training came to.</summary>
    public void Show(WorkerSummary worker)
    {
        if (_json)
            Console.WriteLine(JsonSerializer.Serialize(worker, ResultJson.Default.WorkerSummary));
        else
            Say($"{worker.Name}: validation loss {worker.ValidationLoss:F3}, perplexity {worker.Perplexity:F2}; {worker.Exchanges} exchanges, {worker.Failed} failed, {Size(worker.BytesReceived)} received");
    }

    /// <summary>Shows the comparison.</summary>
    public void Show(RunResult result)
    {
        if (_json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, ResultJson.Default.RunResult));
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn("").NoWrap());
        foreach (string title in new[] { "train", "validation", "perplexity", "exchanges", "failed", "received" })
            table.AddColumn(new TableColumn(title).RightAligned().NoWrap());
        foreach (WorkerSummary worker in result.Workers)
            AddRow(worker.Name, worker);
        table.AddEmptyRow();
        table.AddRow("[bold]mean[/]", "", $"[bold]{result.MeanValidationLoss:F3}[/]", $"[bold]{Math.Exp(result.MeanValidationLoss):F2}[/]");
        AddRow($"{result.Alone.Name} alone", result.Alone);
        _console.Write(table);
        Say("Train and validation: the loss in nats a character. Mean: the mean of the workers' models. Failed: steps without a peer, as when the others have finished.");
        Say($"{result.Method}, an exchange at every {(result.ExchangeEvery == 1 ? "step" : $"{result.ExchangeEvery} steps")}; {result.Seconds:F0} s in all.");

        void AddRow(string name, WorkerSummary w) => table.AddRow(
            name, $"{w.TrainLoss:F3}", $"{w.ValidationLoss:F3}", $"{w.Perplexity:F2}", $"{w.Exchanges}", $"{w.Failed}", Size(w.BytesReceived));
    }

    public void Dispose() => Loggers.Dispose();

    private static string Size(long bytes) => $"{bytes / 1e6:N1} MB";
}
