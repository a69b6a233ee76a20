using System.Globalization;

namespace Dpwa.Launch.Configuration;

/// <summary>The configuration that <c>dpwa init</c> writes: text, made for people to read and edit.</summary>
/// <param name="Workers">How many workers, named w1, w2 and so on.</param>
/// <param name="Host">The host of all of them.</param>
/// <param name="FirstPort">The port of w1; the others follow.</param>
public sealed record ConfigurationTemplate(int Workers, string Host, int FirstPort)
{
    /// <summary>The first port unless another is asked for: below the range that systems take outgoing ports from.</summary>
    public const int DefaultFirstPort = 23_700;

    /// <summary>This machine only.</summary>
    public const string DefaultHost = "127.0.0.1";

    private const string Text = """
        # Dpwa: workers that train on their own and average with a random peer after each batch.
        # All workers read the same file; each is told which one it is by its name.
        # 'dpwa check' looks whether it is right, 'dpwa run -- COMMAND' starts its workers on this machine.

        # host and port: where the others reach the worker. For several machines give each worker the name or the address of its own,
        # copy the file to all of them and start 'dpwa run' on each: it starts the workers whose host is that machine.
        # Where a machine's own name is not the address the others know (Debian maps it to 127.0.1.1), add listen: 0.0.0.0 to its workers.
        nodes:
        {nodes}
        # Nothing is encrypted, and whoever reaches a worker's port is let in, unless all workers share a secret ('dpwa cert --cluster-key cluster.key' makes one,
        # readable by its owner only) or have certificates (tls): set one of them wherever others can reach the ports.
        # cluster_key: {file: cluster.key}

        # Other keys have good defaults: docs/configuration.md has them all.

        # How long one socket operation may take at most; of a peer that was faster less is waited for. A peer that is slower is left for another; training goes on in any case.
        timeout_ms: 2500

        # What an exchange is: 'dpwa' fetches a random peer's parameters; gossip-push, gosgd, ad-psgd, elastic, noloco and sparta are
        # other published methods, each a choice of settings (docs/methods.md). A setting that is given here counts more than the method's.
        method: dpwa

        # The chance that a step exchanges; below 1 saves network at the price of slower agreement.
        # fetch_probability: 1

        # How far a worker moves to its peer: constant (the value below), clock (the one that trained more counts more) or
        # loss (the one with the lower loss counts more).
        # interpolation: constant
        # constant: {value: 0.5}

        # In which form a peer's parameters are applied. With 'parameters' (the form of the original dpwa) what a worker learned while it
        # waited for its peer is averaged away in part: at a factor of 0.5 half of every such step, as if the learning rate were halved.
        # 'delta' adds the difference of the two exchanged snapshots instead, and keeps the step whole. (Leave it out for sparta.)
        apply: delta

        """;

    /// <summary>The text of the file.</summary>
    /// <exception cref="LaunchException">A value cannot be used.</exception>
    public string Render()
    {
        if (Workers < 1) throw new LaunchException($"{Workers} workers are too few: at least 1.");
        if (FirstPort < 1 || FirstPort > 65_536 - Workers) throw new LaunchException($"The ports {FirstPort} to {(long)FirstPort + Workers - 1} are not all between 1 and 65535: choose another first port.");
        if (Uri.CheckHostName(Host) is UriHostNameType.Unknown) throw new LaunchException($"'{Host}' is not a host name or an address.");

        // An IPv6 address has colons, which YAML wants in quotes.
        var host = Uri.CheckHostName(Host) is UriHostNameType.IPv6 ? $"\"{Host}\"" : Host;
        var width = Workers.ToString(CultureInfo.InvariantCulture).Length + 1;
        var nodes = Enumerable.Range(0, Workers).Select(i => $"  - {{ name: {$"w{i + 1},".PadRight(width + 1)} host: {host}, port: {FirstPort + i} }}\n");
        return Text.ReplaceLineEndings("\n").Replace("{nodes}\n", string.Concat(nodes) + "\n", StringComparison.Ordinal);
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="LaunchException">It is there and <paramref name="overwrite"/> is false, or it cannot be written.</exception>
    public void Write(string path, bool overwrite)
    {
        var text = Render();
        try
        {
            using var writer = new StreamWriter(new FileStream(path, overwrite ? FileMode.Create : FileMode.CreateNew, FileAccess.Write));
            writer.Write(text);
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            throw new LaunchException($"{path} is already there: choose another name, or overwrite it with --force.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"Cannot write {path}: {e.Message}", e);
        }
    }
}
