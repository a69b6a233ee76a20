using System.CommandLine;
using Dpwa.Cli.Output;
using Dpwa.Launch.Configuration;
using Dpwa.Launch.Runs;

namespace Dpwa.Cli.Commands;

internal sealed class InitCommand : DpwaCommand
{
    private readonly Argument<string> _path = CommonOptions.Config("The file to write.");
    private readonly Option<int> _workers = new Option<int>("--workers") { Description = "How many workers; by default one a core.", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount }.AtLeast(1);
    private readonly Option<string> _host = new("--host") { Description = "The host of the workers.", DefaultValueFactory = _ => ConfigurationTemplate.DefaultHost };
    private readonly Option<int> _port = new("--port") { Description = "The port of the first worker; the others follow.", DefaultValueFactory = _ => ConfigurationTemplate.DefaultFirstPort };
    private readonly Option<bool> _force = new("--force") { Description = "Overwrite the file when it is there." };
    private readonly Option<bool> _json = CommonOptions.Json("Say what was written as JSON.");

    public InitCommand()
        : base("init", "Writes a configuration with comments, one worker a core.", "dpwa init", "dpwa init cluster.yaml --workers 4 --host trainer1 --port 24000")
    {
        Add(_path);
        Add(_workers);
        Add(_host);
        Add(_port);
        Add(_force);
        Add(_json);
    }

    protected override Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var path = arguments.GetRequiredValue(_path);
        var template = new ConfigurationTemplate(arguments.GetRequiredValue(_workers), arguments.GetRequiredValue(_host), arguments.GetRequiredValue(_port));
        template.Write(path, arguments.GetValue(_force));
        if (arguments.GetValue(_json))
        {
            Json.Print(new { Config = Path.GetFullPath(path), template.Workers, template.Host, template.FirstPort });
        }
        else
        {
            var config = path == RunPlan.DefaultConfig ? "" : $" --config {path}";
            Console.Out.WriteLine($"Wrote {path}: {Screen.Plural(template.Workers, "worker")} at {template.Host}, ports from {template.FirstPort} on.");
            Console.Out.WriteLine($"Next:  dpwa check{(config.Length > 0 ? $" {path}" : "")}");
            Console.Out.WriteLine($"       dpwa run{config} -- COMMAND");
            Console.Out.WriteLine("Each worker finds its name and this file in DPWA_NAME and DPWA_CONFIG, or as {name} and {config} in the arguments of COMMAND.");
        }

        return Task.FromResult(ExitCode.Ok);
    }
}
