using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Spectre.Console;

namespace Dpwa.Examples.Cifar10;

/// <summary>What a person sees: a progress bar in a terminal, plain lines in a file.</summary>
internal sealed class Display : IDisposable
{
    private const int LinesAnEpoch = 4;

    private readonly string _worker;
    private readonly bool _json;
    private readonly IAnsiConsole _console;

    public Display(string worker, bool json)
    {
        (_worker, _json) = (worker, json);
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

    /// <summary>Shows an epoch while <paramref name="train"/> trains it.</summary>
    public EpochMeter Epoch(int epoch, int epochs, int batches, Action<EpochMeter> train)
    {
        EpochMeter? result = null;
        if (!_console.Profile.Out.IsTerminal || !_console.Profile.Capabilities.Ansi)
        {
            int every = Math.Max(1, batches / LinesAnEpoch);
            train(result = new EpochMeter(m =>
            {
                if (m.Batches % every == 0)
                    Say($"{_worker}: epoch {epoch}/{epochs}, batch {m.Batches}/{batches}, {Describe(m)}");
            }));
            return result;
        }

        _console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape($"{_worker} epoch {epoch}/{epochs}"), maxValue: batches);
                train(result = new EpochMeter(m =>
                {
                    bar.Description = Markup.Escape($"{_worker} epoch {epoch}/{epochs}, {Describe(m)}");
                    bar.Value = m.Batches;
                }));
            });
        return result!;
    }

    /// <summary>Shows what the training came to.</summary>
    public void Show(Summary summary)
    {
        var table = new Table().Title(Markup.Escape(summary.Name)).AddColumns("epoch", "loss", "test accuracy", "seconds");
        foreach (EpochResult epoch in summary.Epochs)
            table.AddRow($"{epoch.Epoch}", $"{epoch.Loss:F3}", $"{epoch.TestAccuracy:P1}", $"{epoch.Seconds:F1}");
        _console.Write(table);
        Say($"exchanges: {summary.Exchanges} averaged, {summary.Failed} failed; clock {summary.Clock:F1}");
        if (_json)
            Console.WriteLine(summary.ToJson());
    }

    public void Dispose() => Loggers.Dispose();

    private static string Describe(EpochMeter meter) =>
        $"loss {meter.Loss:F3}" + (meter.Averaged + meter.Failed == 0 ? "" : $", {meter.Averaged} averaged, {meter.Failed} failed");
}
