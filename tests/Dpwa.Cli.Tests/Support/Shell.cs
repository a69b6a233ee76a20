using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Tests.Support;

/// <summary>Workers that are shell scripts.</summary>
internal static class Shell
{
    /// <summary>Runs until it is told to end, and then says so.</summary>
    public const string Saves = "trap 'echo saved; exit 0' TERM INT; echo ready; while :; do sleep 0.05; done";

    /// <summary>Runs until it is forced.</summary>
    public const string Ignores = "trap '' TERM INT; echo ready; while :; do sleep 0.05; done";

    public static WorkerSpec Worker(string name, string script) => new() { Name = name, FileName = "sh", Arguments = ["-c", script, name] };
}
