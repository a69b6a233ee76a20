namespace Dpwa.Cli.Output;

/// <summary>A user's mistakes, one a line, on standard error.</summary>
internal static class Errors
{
    /// <returns>The exit code for it.</returns>
    public static int Print(IEnumerable<object> errors)
    {
        foreach (var error in errors) Console.Error.WriteLine(Ansi.OnError.Colour(error.ToString()!, Ansi.Red));
        return ExitCode.Usage;
    }
}
