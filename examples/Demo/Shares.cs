namespace Dpwa.Examples.Demo;

/// <summary>Who sees what: the ten classes, dealt out so that nobody sees what another sees.</summary>
internal static class Shares
{
    private static readonly int[][] Classes = [[0, 1, 2], [3, 4, 5], [6, 7], [8, 9]];

    public static IReadOnlyList<string> Workers { get; } = ["w1", "w2", "w3", "w4"];

    public static IReadOnlyList<int> Of(string worker) => Classes[Workers.ToList().IndexOf(worker)];
}
