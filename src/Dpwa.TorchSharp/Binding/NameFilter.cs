using System.IO.Enumeration;

namespace Dpwa.TorchSharp.Binding;

/// <summary>The globs of <see cref="DpwaTorchOptions"/>.</summary>
internal sealed class NameFilter(DpwaTorchOptions options)
{
    private const int NamesListed = 40;

    /// <summary>Whether the tensor of this name takes part.</summary>
    public bool Accepts(string name) =>
        (options.Include.Count == 0 || options.Include.Any(p => Matches(p, name))) && !options.Exclude.Any(p => Matches(p, name));

    /// <summary>Throws when a glob matches no name, or when the globs together leave nothing: both are misspellings more often than intentions.</summary>
    /// <exception cref="DpwaConfigurationException">Every such glob, each with the names there are.</exception>
    public void ThrowIfUseless(IReadOnlyCollection<string> names)
    {
        var errors = new List<ConfigurationError>();
        Check(nameof(options.Include), options.Include);
        Check(nameof(options.Exclude), options.Exclude);
        if (errors.Count == 0 && !names.Any(Accepts))
            errors.Add(new(null, 0, 0, $"The filters leave no tensor to exchange. The model has: {List(names)}."));
        if (errors.Count != 0)
            throw new DpwaConfigurationException(errors);

        void Check(string side, IReadOnlyList<string> patterns)
        {
            foreach (string pattern in patterns.Where(p => !names.Any(n => Matches(p, n))))
                errors.Add(new(null, 0, 0, $"{side} '{pattern}' matches no tensor of the model. It has: {List(names)}."));
        }
    }

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    private static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(NamesListed)) + (names.Count > NamesListed ? $" and {names.Count - NamesListed} more" : "");
}
