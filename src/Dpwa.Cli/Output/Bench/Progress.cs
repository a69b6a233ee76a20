using Spectre.Console;

namespace Dpwa.Cli.Output.Bench;

/// <summary>Shows on a terminal that something is being done, and what.</summary>
internal static class Progress
{
    public static async Task<T> ShowAsync<T>(bool isQuiet, Func<Action<string>, Task<T>> action)
    {
        if (isQuiet || Console.IsOutputRedirected) return await action(static _ => { }).ConfigureAwait(false);
        return await Screen.Create().Status().Spinner(Spinner.Known.Dots).StartAsync("starting", context => action(text => context.Status(Markup.Escape(text)))).ConfigureAwait(false);
    }
}
