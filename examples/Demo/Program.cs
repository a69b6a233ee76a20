// Dpwa in one command: four workers as processes on this machine, each of which sees only some of the ten classes, train one LeNet
// together; then the same workers, as long, each for itself. What is made up here, and what a worker of yours looks like, is in Worker.cs.
//
//     dotnet run -c Release --project examples/Demo            expect about 25 % alone and 90 % together, in well under two minutes
//     dotnet run -c Release --project examples/Demo -- --json  the result as one JSON object on standard output

using Dpwa;
using Dpwa.Examples.Demo;
using Dpwa.Launch;

try
{
    DemoOptions options = DemoOptions.Parse(args);
    if (options.ShowHelp)
    {
        Console.WriteLine(DemoOptions.Help);
        return 0;
    }

    return options.Worker is null ? await new DemoRun(options).RunAsync() : Worker.Run(options);
}
catch (Exception e) when (e is ArgumentException or DpwaException or LaunchException)
{
    Console.Error.WriteLine(e.Message);
    return e is LaunchException ? 1 : 2;
}
