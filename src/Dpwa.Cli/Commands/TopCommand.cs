using System.CommandLine;
using Dpwa.Cli.Live;
using Dpwa.Launch.Runs;
using Dpwa.Launch.Watch;

namespace Dpwa.Cli.Commands;

internal sealed class TopCommand : DpwaCommand
{
    private readonly Argument<string> _path = CommonOptions.Config("The configuration.");
    private readonly Option<double> _interval = new Option<double>("--interval") { Description = "How many seconds from one look to the next.", HelpName = "SECONDS", DefaultValueFactory = _ => 1 }.AtLeast(0.1).AtMostADay();
    private readonly Option<int> _rounds = new Option<int>("--rounds") { Description = "After how many looks to end; 0: never.", HelpName = "N" }.AtLeast(0);
    private readonly Option<double> _timeout = CommonOptions.AnswerTimeout();
    private readonly Option<string[]> _custom = CommonOptions.Custom();
    private readonly Option<bool> _json = CommonOptions.Json("Report as JSON, one object a line each time.");

    public TopCommand()
        : base("top", "Shows how the nodes of a configuration are, live, until q or Ctrl-C.", "dpwa top", "dpwa top cluster.yaml --interval 0.5", "dpwa top --rounds 60 --json > minute.jsonl")
    {
        Add(_path);
        Add(_interval);
        Add(_rounds);
        Add(_timeout);
        Add(_custom);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var path = arguments.GetRequiredValue(_path);
        var options = DpwaOptions.Load(path, CustomNames.Admit(arguments.GetList(_custom)));
        var rounds = arguments.GetValue(_rounds);
        var isTerminal = !arguments.GetValue(_json) && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
        using var watch = ClusterWatch.Open(options, TimeSpan.FromSeconds(arguments.GetValue(_timeout)), TimeProvider.System);
        using var quit = new Quit(readsKeys: isTerminal && !Console.IsInputRedirected, ct);
        using ITopOutput output = arguments.GetValue(_json) ? new TopJson(path) : isTerminal ? new TopTerminal(path) : new TopLines();
        try
        {
            ClusterView? before = null;
            await foreach (var view in watch.WatchAsync(TimeSpan.FromSeconds(arguments.GetValue(_interval)), quit.Token).ConfigureAwait(false))
            {
                output.Show(view, before is null ? [] : [.. ClusterEvent.Between(before, view)]);
                before = view;
                if (--rounds == 0) break;
            }
        }
        catch (OperationCanceledException) when (quit.Token.IsCancellationRequested)
        {
            // That is how it ends.
        }

        return ExitCode.Ok;
    }
}
