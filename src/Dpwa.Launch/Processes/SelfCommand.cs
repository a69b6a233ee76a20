namespace Dpwa.Launch.Processes;

/// <summary>How this program starts itself once more.</summary>
internal static class SelfCommand
{
    /// <summary>The program and these arguments; under <c>dotnet program.dll</c> the program is dotnet, and its first argument is this one.</summary>
    /// <exception cref="LaunchException">It cannot be found.</exception>
    public static IEnumerable<string> With(IEnumerable<string> arguments)
    {
        var self = Environment.ProcessPath ?? throw new LaunchException("This program cannot find itself to be started again.");
        string[] first = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, Environment.GetCommandLineArgs()[0]] : [self];
        return [.. first, .. arguments];
    }
}
