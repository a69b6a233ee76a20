using System.CommandLine;
using System.Globalization;
using Dpwa.Launch.Runs;

namespace Dpwa.Cli;

/// <summary>Options that several commands have, so that they read the same everywhere.</summary>
internal static class CommonOptions
{
    private const int SecondsOfADay = 86_400;

    public static Option<bool> Json(string what) => new("--json") { Description = what };

    /// <summary>The configuration to write or to read.</summary>
    public static Argument<string> Config(string what)
    {
        var argument = new Argument<string>("config") { Description = what, DefaultValueFactory = _ => RunPlan.DefaultConfig };
        argument.Validators.Add(result =>
        {
            // An option with a slip in it would be taken for a file.
            if (result.Tokens is [var token] && token.Value.StartsWith('-')) result.AddError($"There is no option '{token.Value}'.");
        });
        return argument;
    }

    public static Option<double> AnswerTimeout() =>
        new Option<double>("--timeout") { Description = "How many seconds a node has to answer.", HelpName = "SECONDS", DefaultValueFactory = _ => 2 }.AtLeast(0.001).AtMostADay();

    public static Option<string> Logs() => new("--logs")
    {
        Description = "The log directory of the run.",
        HelpName = "DIR",
        DefaultValueFactory = _ => RunDirectory.DefaultPath,
    };

    public static Option<string[]> Custom() => new("--custom")
    {
        Description = "Factor methods and selectors that the configuration names and only your program has.",
        HelpName = "NAME,NAME",
    };

    /// <summary>Values that are separated by commas, or given by the option again, or both.</summary>
    public static IReadOnlyList<string> GetList(this ParseResult arguments, Option<string[]> option) =>
        [.. (arguments.GetValue(option) ?? []).SelectMany(values => values.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    public static Option<T> AtLeast<T>(this Option<T> option, double least) =>
        option.Check(value => value >= least, $"must be at least {least.ToString(CultureInfo.InvariantCulture)}");

    public static Option<T> AtMost<T>(this Option<T> option, double most) =>
        option.Check(value => value <= most, $"must be at most {most.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>A day is more than anyone waits, and less than what clocks and timers can count.</summary>
    public static Option<T> AtMostADay<T>(this Option<T> option) => option.Check(value => value <= SecondsOfADay, $"must be at most {SecondsOfADay} seconds, a day");

    private static Option<T> Check<T>(this Option<T> option, Func<double, bool> isRight, string must)
    {
        option.Validators.Add(result =>
        {
            // What is no number at all is told by whoever converts it.
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && !isRight(value))
                result.AddError($"{option.Name} {must}.");
        });
        return option;
    }
}
