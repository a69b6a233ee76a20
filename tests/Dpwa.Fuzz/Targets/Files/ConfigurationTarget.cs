using System.Text;
using System.Text.RegularExpressions;
using Dpwa.Fuzz.Engine;

namespace Dpwa.Fuzz.Targets.Files;

/// <summary>
/// The text of a configuration. Promises: it loads, or a <see cref="DpwaConfigurationException"/> says for each error where it is and what is wrong, in words; nothing else is
/// thrown. What has loaded is valid, and is read the same when it is written in another form.
/// </summary>
internal partial class ConfigurationTarget : FuzzTarget
{
    private const string AllKeys = """
        nodes:
        - &n {name: w1, host: localhost, port: 45000, listen: "::"}
        - {<<: *n, name: "w 2", port: 45001}
        - {name: 3, host: 10.0.0.1, port: 0x1F90}
        fetch_probability: 0.5
        timeout_ms: 2500
        exchange_deadline_ms: 25e3
        interpolation: constant
        constant: {value: 0.25}
        clock:
        loss: {}
        divergence_threshold: .2
        apply: parameters
        method: elastic
        exchange: push
        topology: graph
        graph: [[w1, "w 2"], ["w 2", "3"]]
        exchange_every: 2
        subset: 1
        outer: off
        selector: random
        transport: shared_memory
        codec: bfloat16
        max_staleness: 1.5m
        cluster: 'it''s'
        max_connections: 100
        max_serves: 8
        bootstrap: peer
        late_fetch: skip
        cluster_key: {file: cluster.key}
        max_delta_norm: {value: 10, excess: reject}
        quarantine: {after: 3, for: 10m}
        seed: -7

        """;

    public override string Name => "configurations";

    public override string Extension => ".yaml";

    public override int Longest => 2000;

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. Texts(
            ":", ": ", "- ", "\n", "\n  ", "\t", "{", "}", "[", "]", ",", "&a ", "*a", "*n", "<<: ", "!!str ", "!!int ", "!x ", "? ", "|\n ", ">-\n ", "'", "\"", "#", "%", "---\n", "...\n",
            "~", "null", "true", "off", "0", "-0", "1e999", "-1e-999", ".nan", ".inf", "-.inf", "0x", "0o7", "1_000", "00", "+1", "٣", "9223372036854775808", "500ms", "1e400h", "-1s", ".s", "s", "1.5m ",
            "\\", "\0", "\u001b[31m", "\u0085", "\u2028", "\u202E", "\uFEFF", "\uFFFD", "%YAML 1.2\n---\n", "%TAG ! x\n", "@", "`", "\"\\uD800\"", "\"\\U0010FFFF\"", "\"\\e\"", "\"\\\n\"", "::1", "[::1]", "a:b", "1.2.3"),
        .. Texts([.. AllKeys.Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(l => new[] { l + "\n", l.Split(':')[0] + ": " })]),
        .. Texts([.. GossipMethods.Names.Select(m => $"method: {m}\n")]),
        .. Texts("delta", "pull", "push", "push_sum", "ring", "matching", "hypercube", "exponential", "random", "tcp", "auto", "int8", "float16", "float32", "clip", "outer: {alpha: 0, beta: 1, gamma: 0}\n",
            "tls: certificates\n", "tls: {authority: a.pem, certificate: '{name}.pem', key: k}\n", "cluster_key: {environment: KEY}\n", "{name}", "../", "/"),
    ];

    public override IEnumerable<byte[]> Seeds()
    {
        yield return Encoding.UTF8.GetBytes(AllKeys);
        yield return Encoding.UTF8.GetBytes(string.Concat(AllKeys.Split('\n').Where(l => l.Length > 0).Select(l => l.StartsWith('-') ? $"  {l}\n" : $"- {l}\n")));
        foreach (string method in GossipMethods.Names)
            yield return Encoding.UTF8.GetBytes($"nodes: [{{name: a, host: b, port: 1}}, {{name: c, host: b, port: 2}}]\nmethod: {method}\n");
        string root = Path.GetFullPath(Path.Combine(Corpus.Folder, "..", ".."));
        yield return File.ReadAllBytes(Path.Combine(root, "samples", "config.yaml"));
        foreach (string page in Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md").Order(StringComparer.Ordinal))
        {
            foreach (Match block in Block().Matches(File.ReadAllText(page)))
                yield return Encoding.UTF8.GetBytes(block.Groups["text"].Value);
        }
    }

    /// <summary>YAML is made of objects, a handful for each character that means something; and a file of errors may be read to the end, with a suggestion for each.</summary>
    public override long MostAllocated(int length) => 1024 * 1024 + 8 * 1024L * length;

    public override long MostWork(int length) => 100_000 + 20_000L * length;

    /// <summary>Half of the time without the lines that are wrong: what is refused for one error says little of the rest.</summary>
    public override byte[] Repair(byte[] input, Random random)
    {
        if (random.Next(2) == 0)
            return input;
        List<string> lines = [.. Encoding.UTF8.GetString(input).Split('\n')];
        for (int attempt = 0; attempt < 4; attempt++)
        {
            try
            {
                DpwaOptions.Parse(string.Join('\n', lines));
                break;
            }
            catch (DpwaConfigurationException e)
            {
                foreach (int line in e.Errors.Select(error => error.Line).Distinct().Where(l => l > 0 && l <= lines.Count).OrderDescending())
                    lines.RemoveAt(line - 1);
                if (e.Message.Contains("nodes is missing", StringComparison.Ordinal))
                    lines.Insert(0, "nodes: [{name: w1, host: localhost, port: 45000}]");
            }
            catch (Exception)
            {
                // It is tried as it is, and found.
                break;
            }
        }

        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    public override bool Check(byte[] input) => Read(() => DpwaOptions.Parse(Encoding.UTF8.GetString(input)), path: null);

    protected static bool Read(Func<DpwaOptions> read, string? path)
    {
        DpwaOptions options;
        try
        {
            options = read();
            options.Validate();
        }
        catch (DpwaConfigurationException e)
        {
            Require(e.Errors.Count > 0 && !e.IsTransient, "a file is refused without an error");
            foreach (ConfigurationError error in e.Errors)
                Told(error, path);
            ForPeople.Check(e.Message, lines: true, longest: e.Errors.Count * 1000);
            return false;
        }

        Require(options.Source == path, "options do not know their file");
        DpwaOptions again = DpwaOptions.Parse(ConfigurationText.Of(options)) with { Source = path };
        Require(again == options, "a configuration is not read as it was written");
        return true;
    }

    /// <summary>Only what is about the file as a whole has no line.</summary>
    private static void Told(ConfigurationError error, string? path)
    {
        Require(error.File == path, "an error does not name its file");
        Require(error is { Line: > 0, Column: > 0 } || (path is not null && error is { Line: 0, Column: 0 }), "an error is nowhere");
        ForPeople.Check(error.Message, longest: 1000);
    }

    [GeneratedRegex(@"^```yaml\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}

/// <summary>The bytes of a configuration file: any encoding, or none.</summary>
internal sealed class ConfigurationFileTarget : ConfigurationTarget
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"dpwa-fuzz-{Environment.ProcessId}.yaml");

    public override string Name => "configuration-files";

    public override IReadOnlyList<byte[]> Words { get; } = [[0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0], [0xD8, 0x00], .. Texts("\r", "\r\n", "a: 1\n")];

    public override IEnumerable<byte[]> Seeds() => base.Seeds().Take(1).SelectMany(s => new[] { s, [0xEF, 0xBB, 0xBF, .. s], InUtf16(s) });

    /// <summary>The file is read into memory for the largest that is allowed.</summary>
    public override long MostAllocated(int length) => base.MostAllocated(length) + 2 * 1024 * 1024;

    public override bool Check(byte[] input)
    {
        File.WriteAllBytes(_path, input);
        try
        {
            return Read(() => DpwaOptions.Load(_path), _path);
        }
        finally
        {
            File.Delete(_path);
        }
    }

    private static byte[] InUtf16(byte[] text) => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(text))];
}
