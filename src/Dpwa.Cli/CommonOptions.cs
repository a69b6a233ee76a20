using System.CommandLine;
using Dpwa.Launch.Runs;

namespace Dpwa.Cli;

/// <summary>Options that several commands have, so that they read the same everywhere.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json(string what) => new("--json") { Description = what };

    public static Option<string> Logs() => new("--logs")
    {
        Description = "The log directory of the run.",
        HelpName = "DIR",
        DefaultValueFactory = _ => RunDirectory.DefaultPath,
    };

    public static Option<T> AtLeast<T>(this Option<T> option, double least)
    {
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.Tokens.Count == 0) return;
            if (result.GetValueOrDefault<T>() is { } value && !(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture) >= least))
                result.AddError($"{option.Name} must be at least {least}.");
        });
        return option;
    }
}
