using System.Runtime.CompilerServices;

namespace Dpwa.Cli.Tests.Support;

/// <summary>What a command says, beside what it said when somebody last looked at it: a file a text, in the folder Snapshots.</summary>
internal static class Snapshot
{
    /// <summary>Set it to write them anew; the diff then shows what has changed.</summary>
    private const string Variable = "DPWA_UPDATE_SNAPSHOTS";

    public static string Folder { get; } = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "Snapshots");

    public static void Matches(string name, string text)
    {
        var file = Path.Combine(Folder, $"{name}.txt");
        var plain = $"{string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n')}\n";
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 }) File.WriteAllText(file, plain);
        Assert.True(File.Exists(file), $"{file} is not there: with {Variable}=1 the test writes it.");
        Assert.Equal(File.ReadAllText(file), plain, ignoreLineEndingDifferences: true);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
