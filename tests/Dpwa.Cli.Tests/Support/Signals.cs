using System.Diagnostics;
using Dpwa.Launch.Processes;

namespace Dpwa.Cli.Tests.Support;

internal static class Signals
{
    public static async Task SendAsync(string signal, int processId)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -s {signal} {processId}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    public static bool IsAlive(int processId) => ProcessIdentity.Of(processId) is not null;

    /// <summary>Waits for the end of a process that is not ours.</summary>
    public static async Task EndOfAsync(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        catch (ArgumentException)
        {
            // It ended before.
        }
    }
}
