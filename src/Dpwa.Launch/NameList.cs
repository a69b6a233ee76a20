namespace Dpwa.Launch;

internal static class NameList
{
    private const int Shown = 3;

    /// <summary><c>w1</c>, <c>w1 and w2</c>, <c>w1, w2, w3 and 5 more</c>.</summary>
    public static string Show(IReadOnlyList<string> names) => names.Count switch
    {
        0 => "",
        1 => names[0],
        <= Shown => $"{string.Join(", ", names.Take(names.Count - 1))} and {names[^1]}",
        _ => $"{string.Join(", ", names.Take(Shown))} and {names.Count - Shown} more",
    };
}
