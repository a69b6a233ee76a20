namespace Dpwa.Configuration;

/// <summary>Collects every error, so that one run of a program shows all that is to be mended.</summary>
internal sealed class ErrorList
{
    // A file of 1 MiB can hold half a million errors; nobody reads them.
    private const int Most = 100;

    private readonly List<ConfigurationError> errors = [];
    private int dropped;

    public void Add(Place place, string message)
    {
        if (errors.Count < Most)
            errors.Add(Error(place, message));
        else
            dropped++;
    }

    public void ThrowIfAny()
    {
        if (errors.Count == 0)
            return;

        // The checks do not run in the file's order (a missing key is found last); a reader goes from top to bottom.
        List<ConfigurationError> sorted = [.. errors.OrderBy(e => e.Line).ThenBy(e => e.Column)];
        if (dropped > 0)
            sorted.Add(new(sorted[0].File, 0, 0, $"{dropped} more errors are not shown"));
        throw new DpwaConfigurationException(sorted);
    }

    /// <summary>The exception of an error after which nothing more can be read.</summary>
    public static DpwaConfigurationException Fatal(Place place, string message) => new([Error(place, message)]);

    private static ConfigurationError Error(Place place, string message) => new(place.File, place.Line, place.Column, message);
}
