using System.Collections.Immutable;
using Dpwa.Averaging;
using Dpwa.Peers;

namespace Dpwa;

/// <summary>Custom factor methods and peer selectors, by name. Immutable: <c>DpwaExtensions.None.Add(new MyFactor()).Add(new MySelector())</c>.</summary>
public sealed class DpwaExtensions
{
    /// <summary>Only what is built in.</summary>
    public static DpwaExtensions None { get; } = new();

    private DpwaExtensions()
    {
    }

    /// <summary>The custom factor methods by the name that <c>interpolation</c> gives.</summary>
    public ImmutableDictionary<string, IFactorMethod> FactorMethods { get; private init; } = ImmutableDictionary.Create<string, IFactorMethod>(StringComparer.Ordinal);

    /// <summary>The custom peer selectors by the name that <c>selector</c> gives.</summary>
    public ImmutableDictionary<string, IPeerSelector> Selectors { get; private init; } = ImmutableDictionary.Create<string, IPeerSelector>(StringComparer.Ordinal);

    /// <summary>These extensions and a factor method.</summary>
    /// <exception cref="ArgumentException">The name is taken, by a built-in one too.</exception>
    public DpwaExtensions Add(IFactorMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (Averaging.FactorMethods.BuiltIn.Contains(method.Name) || FactorMethods.ContainsKey(method.Name))
            throw new ArgumentException($"A factor method named '{method.Name}' is already there.", nameof(method));
        return new() { FactorMethods = FactorMethods.Add(method.Name, method), Selectors = Selectors };
    }

    /// <summary>These extensions and a peer selector.</summary>
    /// <exception cref="ArgumentException">The name is taken, by a built-in one too.</exception>
    public DpwaExtensions Add(IPeerSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        if (PeerSelectors.BuiltIn.Contains(selector.Name) || Selectors.ContainsKey(selector.Name))
            throw new ArgumentException($"A peer selector named '{selector.Name}' is already there.", nameof(selector));
        return new() { FactorMethods = FactorMethods, Selectors = Selectors.Add(selector.Name, selector) };
    }
}
