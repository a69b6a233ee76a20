using System.CommandLine;
using System.CommandLine.Invocation;
using Dpwa;
using Dpwa.Cli;
using Dpwa.Cli.Output;
using Dpwa.Launch;
using Dpwa.Simulation;

// An argument that begins with '@' is an argument, not a file of arguments.
var parsed = DpwaCommandLine.Create(args).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction)
{
    var help = parsed.CommandResult.Command is DpwaCommand command ? $"{command.Typed} --help" : "dpwa --help";
    return Errors.Print([.. parsed.Errors.Select(error => error.Message), $"See '{help}'."]);
}

try
{
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
}
catch (LaunchException e)
{
    return Errors.Print(e.Errors);
}
catch (SimulationException e)
{
    return Errors.Print([e.Message]);
}
catch (DpwaConfigurationException e)
{
    return Errors.Print(e.Errors);
}
catch (DpwaBindException e)
{
    return Errors.Print([e.Message]);
}
