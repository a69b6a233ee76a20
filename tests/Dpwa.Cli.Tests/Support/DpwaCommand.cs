using System.Diagnostics;

namespace Dpwa.Cli.Tests.Support;

/// <summary>A real process of <c>dpwa</c>, or of another program of ours.</summary>
internal sealed class DpwaCommand : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;

    private DpwaCommand(Process process)
    {
        _process = process;
        process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, Output), ReadAsync(process.StandardError, Error));
    }

    public Lines<string> Output { get; } = new();

    public Lines<string> Error { get; } = new();

    public int Id => _process.Id;

    public string OutputText => string.Join('\n', Output.All);

    public string ErrorText => string.Join('\n', Error.All);

    public static DpwaCommand Start(string folder, params string[] arguments) => StartProgram("Dpwa.Cli.dll", folder, arguments);

    /// <summary>Another program that stands beside the tests.</summary>
    public static DpwaCommand StartProgram(string program, string folder, params string[] arguments)
    {
        var what = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in new[] { "OMP_NUM_THREADS", "DPWA_NAME", "DPWA_CONFIG" }) what.Environment.Remove(variable);
        return new(Process.Start(what)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<DpwaCommand> RunAsync(string folder, params string[] arguments)
    {
        var command = Start(folder, arguments);
        await command.ExitCodeAsync();
        return command;
    }

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _reading.WaitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public int ExitCode => _process.ExitCode;

    public Task SignalAsync(string signal) => Signals.SendAsync(signal, Id);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task ReadAsync(StreamReader from, Lines<string> to)
    {
        while (await from.ReadLineAsync() is { } line) to.Add(line);
    }
}
