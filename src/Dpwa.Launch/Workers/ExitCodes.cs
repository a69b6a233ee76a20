namespace Dpwa.Launch.Workers;

/// <summary>What exit codes mean.</summary>
public static class ExitCodes
{
    /// <summary>The exit code of a process that was ended by a signal.</summary>
    public static int BySignal(int signal) => 128 + signal;

    /// <summary>An exit code in words: <c>exit code 3</c>, <c>SIGSEGV (crashed)</c>.</summary>
    public static string Describe(int exitCode) => exitCode switch
    {
        _ when OperatingSystem.IsWindows() => exitCode < 0 ? $"exit code 0x{exitCode:X8}" : $"exit code {exitCode}",
        126 => "exit code 126 (not a program that can be run)",
        127 => "exit code 127 (program not found)",
        128 + 1 => "SIGHUP",
        128 + 2 => "SIGINT",
        128 + 3 => "SIGQUIT",
        128 + 4 => "SIGILL (crashed)",
        128 + 6 => "SIGABRT (crashed)",
        128 + 8 => "SIGFPE (crashed)",
        128 + 9 => "SIGKILL (by force, or out of memory)",
        128 + 11 => "SIGSEGV (crashed)",
        128 + 13 => "SIGPIPE",
        128 + 15 => "SIGTERM",
        _ => $"exit code {exitCode}",
    };
}
