using System.CommandLine;
using System.Globalization;
using System.Net;
using Dpwa.Cli.Live;
using Dpwa.Cli.Output;
using Dpwa.Dashboard;
using Dpwa.Dashboard.Export;
using Dpwa.Dashboard.Storage;
using Dpwa.Launch;
using Dpwa.Launch.Runs;
using Dpwa.Launch.Watch;

namespace Dpwa.Cli.Commands;

internal sealed class DashboardCommand : DpwaCommand
{
    private readonly Argument<string> _path = CommonOptions.Config("The configuration.");
    private readonly Option<string> _listen = new("--listen") { Description = "The address to listen at: an address of this machine, or 0.0.0.0 for all. Beyond this machine the page asks for a token.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<int> _port = new Option<int>("--port") { Description = "The port; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => DashboardOptions.DefaultPort }.AtLeast(0).AtMost(65_535);
    private readonly Option<string[]> _names = new("--name") { Description = "Other names that the page is opened by.", HelpName = "NAME,NAME" };
    private readonly Option<string?> _data = new("--data") { Description = "The file that keeps the runs; by default .dpwa/runs.db beside the configuration.", HelpName = "FILE" };
    private readonly Option<double> _interval = new Option<double>("--interval") { Description = "Seconds from one question to a worker to the next.", HelpName = "SECONDS", DefaultValueFactory = _ => 1 }.AtLeast(0.1).AtMostADay();
    private readonly Option<string?> _export = new("--export") { Description = "Write a kept run as one file that opens anywhere, and end.", HelpName = "FILE.html" };
    private readonly Option<long?> _run = new("--run") { Description = "The number of the run to export; the last by default.", HelpName = "NUMBER" };
    private readonly Option<string[]> _custom = CommonOptions.Custom();
    private readonly Option<bool> _json = CommonOptions.Json("Say where it is as JSON.");

    public DashboardCommand()
        : base("dashboard", "Shows all workers of a configuration in the browser, live, and keeps their runs.", "dpwa dashboard", "dpwa dashboard cluster.yaml --listen 0.0.0.0 --name gpu1.example", "dpwa dashboard --export report.html")
    {
        Options.Add(_listen);
        Options.Add(_port);
        Options.Add(_names);
        Options.Add(_data);
        Options.Add(_interval);
        Options.Add(_export);
        Options.Add(_run);
        Options.Add(_custom);
        Options.Add(_json);
        Add(_path);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var path = arguments.GetRequiredValue(_path);
        var data = arguments.GetValue(_data) ?? DashboardOptions.DataOf(path);
        if (arguments.GetValue(_export) is { } report) return Export(data, arguments.GetValue(_run), report, arguments.GetValue(_json));

        var options = DpwaOptions.Load(path, CustomNames.Admit(arguments.GetList(_custom)));
        var interval = TimeSpan.FromSeconds(arguments.GetValue(_interval));
        // A worker that does not answer is found within two rounds.
        using var watch = ClusterWatch.Open(options, TimeSpan.FromSeconds(Math.Clamp(interval.TotalSeconds, 0.5, 2)), TimeProvider.System);
        using var quit = new Quit(readsKeys: false, ct);
        var server = await DashboardServer.StartAsync(
            new()
            {
                Title = path,
                Nodes = [.. options.Nodes.Select(node => node.Name)],
                Data = data,
                Listen = Address(arguments.GetRequiredValue(_listen)),
                Port = arguments.GetValue(_port),
                Names = arguments.GetList(_names),
                Interval = interval.TotalSeconds,
            },
            quit.Token).ConfigureAwait(false);
        await using var _ = server.ConfigureAwait(false);
        if (arguments.GetValue(_json)) Json.PrintLine(new { Url = server.Address, Data = data });
        else Console.Out.WriteLine($"The dashboard of {path} is at {server.Address}\nIts runs are kept in {data}. Ctrl-C ends it; workers go on.");
        await server.WatchAsync(watch.WatchAsync(interval, quit.Token), quit.Token).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private static int Export(string data, long? number, string file, bool asJson)
    {
        var runs = new RunReader(data);
        var known = runs.Runs();
        if (known.Count == 0) throw new LaunchException($"No run has been kept in {data} yet.");
        var run = number ?? known[0].Id;
        var page = new StringWriter(CultureInfo.InvariantCulture);
        if (!ReportWriter.Write(runs, run, page)) throw new LaunchException($"Run {run} is not kept in {data}: there {(known.Count == 1 ? "is" : "are")} {string.Join(", ", known.Select(one => one.Id))}.");
        try
        {
            File.WriteAllText(file, page.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"Cannot write {file}: {e.Message.TrimEnd('.')}.", e);
        }

        if (asJson) Json.Print(new { Run = run, File = file });
        else Console.Out.WriteLine($"Run {run} is in {file}, a page that opens anywhere.");
        return ExitCode.Ok;
    }

    private static IPAddress Address(string text) =>
        text is "localhost" ? IPAddress.Loopback : IPAddress.TryParse(text, out var address) ? address : throw new LaunchException($"--listen takes an address, such as 0.0.0.0 or 10.0.0.3, and '{text}' is none.");
}
