namespace Dpwa.Dashboard.Tests.Support;

/// <summary>Where the sources are.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Dpwa.slnx")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests are not in the repository."));
}
