using System.Diagnostics;
using Dpwa.Launch.Processes;

namespace Dpwa.Launch.Runs;

/// <summary>
/// Puts a program into the background. It is started once more (<see cref="StartAsync"/>), checks and says all that it has to in the foreground's name,
/// and then steps back (<see cref="Enter"/>): so a mistake is told where it was made, with its exit code.
/// </summary>
public static class Background
{
    // No line of text: the sign that from here on the background goes on alone.
    private const string Mark = "\u0004";

    /// <summary>Starts this program again with other arguments and hands on its output until it steps back or ends.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="output">Takes its standard output, a line at a time.</param>
    /// <param name="error">Takes its standard error.</param>
    /// <returns>0 when it stepped back, else its exit code.</returns>
    public static async Task<int> StartAsync(IReadOnlyList<string> arguments, Action<string> output, Action<string> error)
    {
        string[] command = [.. SelfCommand.With(arguments)];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        })!;
        process.StandardInput.Close();
        var errors = RelayAsync(process.StandardError, error);
        if (await RelayAsync(process.StandardOutput, output).ConfigureAwait(false)) return 0;
        await errors.ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode;
    }

    /// <summary>Steps back: from here on this process belongs to no terminal, and what it writes goes to <paramref name="logFile"/>.</summary>
    public static void Enter(string logFile)
    {
        Console.Out.WriteLine(Mark);
        Console.Out.Flush();
        var log = new FileStream(logFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        if (!OperatingSystem.IsWindows())
        {
            _ = Libc.SetSid();
            using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
            _ = Libc.Dup2((int)nothing.DangerousGetHandle(), 0);
            // For what the runtime itself writes when it dies.
            foreach (var output in new[] { 1, 2 }) _ = Libc.Dup2((int)log.SafeFileHandle.DangerousGetHandle(), output);
        }

        var writer = TextWriter.Synchronized(new StreamWriter(log) { AutoFlush = true });
        Console.SetOut(writer);
        Console.SetError(writer);
    }

    private static async Task<bool> RelayAsync(StreamReader from, Action<string> to)
    {
        while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line == Mark) return true;
            to(line);
        }

        return false;
    }
}
