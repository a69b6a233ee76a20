namespace Dpwa.Launch.Processes;

/// <summary>Finds a program the way a shell does.</summary>
public static class CommandPath
{
    /// <summary>The full path of <paramref name="command"/>: itself when it names a folder, else the first on the PATH. Null: not found.</summary>
    public static string? Find(string command)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        var named = command.Contains(Path.DirectorySeparatorChar) || command.Contains(Path.AltDirectorySeparatorChar);
        IEnumerable<string> folders = named ? [""] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return (from folder in folders from name in Names(command) select Path.GetFullPath(Path.Combine(folder, name))).FirstOrDefault(IsProgram);
    }

    private static IEnumerable<string> Names(string command)
    {
        if (!OperatingSystem.IsWindows()) return [command];
        var extensions = (Environment.GetEnvironmentVariable("PATHEXT") ?? ".EXE;.CMD;.BAT").Split(';', StringSplitOptions.RemoveEmptyEntries);
        return Path.HasExtension(command) ? [command] : extensions.Select(extension => command + extension);
    }

    private static bool IsProgram(string path) => File.Exists(path) && (OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None);
}
