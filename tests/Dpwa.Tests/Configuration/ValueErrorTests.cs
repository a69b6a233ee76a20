namespace Dpwa.Tests.Configuration;

/// <summary>One wrong value or key on line 2 of a file.</summary>
public class ValueErrorTests
{
    [Theory]
    [InlineData("fetch_probabilty: 1", 1, "unknown key 'fetch_probabilty'; did you mean 'fetch_probability'?")]
    [InlineData("fetchProbability: 1", 1, "unknown key 'fetchProbability'; did you mean 'fetch_probability'?")]
    [InlineData("timeout: 1", 1, "unknown key 'timeout'; did you mean 'timeout_ms'?")]
    [InlineData("lsos:", 1, "unknown key 'lsos'; did you mean 'loss'?")]
    [InlineData("constant: {valeu: 1}", 12, "unknown key 'valeu'; did you mean 'value'?")]
    [InlineData("constant: {factor: 1}", 12, "unknown key 'factor'; known are value")]
    [InlineData("clock: {value: 1}", 9, "unknown key 'value'")]
    [InlineData("nodes: []", 1, "the key 'nodes' is given a second time; the first is at line 1, column 1")]
    [InlineData("constant: {value: 0.5, value: 0.6}", 24, "the key 'value' is given a second time; the first is at line 2, column 12")]
    [InlineData("[a]: 1", 1, "a key must be a word, but this is a list")]
    public void Wrong_keys(string line, int column, string message) => Check(line, column, message);

    [Theory]
    [InlineData("fetch_probability: often", 20, "fetch_probability must be a number from 0 to 1, but is the text 'often'")]
    [InlineData("timeout_ms: '2500'", 13, "timeout_ms must be a number of milliseconds, but is the text '2500' (a number has no quotes)")]
    [InlineData("timeout_ms: 2500ms", 13, "timeout_ms must be a number of milliseconds, but is the text '2500ms'")]
    [InlineData("timeout_ms: 02500", 13, "timeout_ms must be a number of milliseconds, but is the text '02500'")]
    [InlineData("timeout_ms:", 1, "timeout_ms has no value; it must be a number of milliseconds")]
    [InlineData("max_connections: 1.5", 18, "max_connections must be a whole number from 1, but is the number 1.5")]
    [InlineData("seed: [1]", 7, "seed must be a whole number, but is a list")]
    [InlineData("cluster: true", 10, "cluster must be a text, but is true")]
    [InlineData("interpolation: {constant: 0.5}", 16, "interpolation must be the name of a method, but is a map")]
    [InlineData("interpolation: 0.5", 16, "interpolation must be the name of a method, but is the number 0.5")]
    [InlineData("constant: 0.5", 11, "constant must be a map such as {value: 0.5}, but is the number 0.5")]
    [InlineData("constant: 0", 11, "constant must be a map such as {value: 0.5}, but is the number 0")]
    [InlineData("constant: {value: half}", 19, "constant.value must be a number from 0 to 1, but is the text 'half'")]
    [InlineData("clock: 1", 8, "clock must be empty or {}: it has no settings, but is the number 1")]
    [InlineData("max_staleness: soon", 16,
        "max_staleness must be a number of milliseconds, a time such as 500ms, 30s or 2m, or off, but is the text 'soon'")]
    [InlineData("quarantine: 3", 13, "quarantine must be a map such as {after: 3, for: 10m}, or off, but is the number 3")]
    [InlineData("quarantine: {for: long}", 19, "quarantine.for must be a number of milliseconds, or a time such as 500ms, 30s or 2m, but is the text 'long'")]
    [InlineData("max_delta_norm: {excess: clip}", 1, "max_delta_norm has no value: '{value: 10, excess: clip}'")]
    [InlineData("tls: {authority: a, certificate: b}", 1, "tls has no key: it needs the files 'authority', 'certificate' and 'key'")]
    [InlineData("cluster_key: 00112233445566778899aabbccddeeff", 14,
        "cluster_key must say where the key is, {file: cluster.key} or {environment: DPWA_CLUSTER_KEY}; the key itself does not belong here")]
    public void Wrong_types(string line, int column, string message) => Check(line, column, message);

    [Theory]
    [InlineData("fetch_probability: 1.5", 20, "fetch_probability must be from 0 to 1, but is 1.5")]
    [InlineData("fetch_probability: -0.1", 20, "fetch_probability must be from 0 to 1, but is -0.1")]
    [InlineData("fetch_probability: .nan", 20, "fetch_probability must be from 0 to 1, but is NaN")]
    [InlineData("constant: {value: 2}", 19, "constant.value must be from 0 to 1, but is 2")]
    [InlineData("timeout_ms: 0", 13, "timeout_ms must be from 1 to 86400000 ms, but is 0 ms")]
    [InlineData("timeout_ms: .inf", 13, "timeout_ms must be from 1 to 86400000 ms, but is Infinity ms")]
    [InlineData("exchange_deadline_ms: 1000", 23,
        "exchange_deadline_ms must not be less than the time-out of one operation (2500 ms), but is 1000 ms")]
    [InlineData("divergence_threshold: -1", 23, "divergence_threshold must be a finite number from 0, but is -1")]
    [InlineData("divergence_threshold: -.inf", 23, "divergence_threshold must be a finite number from 0, but is -Infinity")]
    [InlineData("transport: tpc", 12, "transport is 'tpc', which is unknown; did you mean 'tcp'?")]
    [InlineData("codec: int9", 8, "codec is 'int9', which is unknown; did you mean 'int8'?")]
    [InlineData("max_connections: 0", 18, "max_connections must be from 1 to 2147483647, but is 0")]
    [InlineData("max_serves: 0", 13, "max_serves must be from 1 to 2147483647, but is 0")]
    [InlineData("bootstrap: peers", 12, "bootstrap is 'peers', which is unknown; did you mean 'peer'?")]
    [InlineData("max_staleness: 0s", 16, "max_staleness must be from 1 to 31536000000 ms, but is 0 ms")]
    [InlineData("seed: 99999999999", 7, "seed must be from -2147483648 to 2147483647, but is 99999999999")]
    [InlineData("cluster: ' '", 10, "cluster ' ' is empty")]
    [InlineData("cluster: \"a\\tb\"", 10, "cluster 'a\\u0009b' has control characters or others that cannot be shown")]
    [InlineData("late_fetch: skipp", 13, "late_fetch is 'skipp', which is unknown; did you mean 'skip'?")]
    [InlineData("max_delta_norm: 0", 17, "max_delta_norm must be a finite number above 0, but is 0")]
    [InlineData("max_delta_norm: {value: .inf}", 25, "max_delta_norm.value must be a finite number above 0, but is Infinity")]
    [InlineData("max_delta_norm: {value: 1, excess: drop}", 36, "max_delta_norm.excess is 'drop', which is unknown; known are clip, reject")]
    [InlineData("quarantine: {after: 0}", 21, "quarantine.after must be from 1 to 2147483647, but is 0")]
    [InlineData("quarantine: {for: 0s}", 19, "quarantine.for must be from 1 to 31536000000 ms, but is 0 ms")]
    [InlineData("cluster_key: {environment: A=B}", 28, "cluster_key.environment must be the name of an environment variable, but is 'A=B'")]
    [InlineData("cluster_key: {}", 1, "cluster_key must name a file or an environment variable, and only one of them: '{file: cluster.key}' or '{environment: DPWA_CLUSTER_KEY}'")]
    [InlineData("cluster_key: {file: a, environment: B}", 1, "cluster_key must name a file or an environment variable, and only one of them: '{file: cluster.key}' or '{environment: DPWA_CLUSTER_KEY}'")]
    public void Out_of_range(string line, int column, string message) => Check(line, column, message);

    [Theory]
    [InlineData("interpolation: Constant", 16, "interpolation is 'Constant', which is unknown; did you mean 'constant'?")]
    [InlineData("interpolation: clok", 16, "interpolation is 'clok', which is unknown; did you mean 'clock'?")]
    [InlineData("interpolation: average", 16, "interpolation is 'average', which is unknown; known are constant, clock, loss")]
    [InlineData("selector: randon", 11, "selector is 'randon', which is unknown; did you mean 'random'?")]
    [InlineData("apply: detla", 8, "apply is 'detla', which is unknown; did you mean 'delta'?")]
    public void Unknown_names(string line, int column, string message) => Check(line, column, message);

    [Fact]
    public void A_refused_time_out_is_not_held_against_the_deadline() =>
        Check("timeout_ms: soon\nexchange_deadline_ms: 10", 13, "timeout_ms must be a number of milliseconds, but is the text 'soon'");

    [Theory]
    [InlineData("- timeout_ms", 3, "an item of the list must be one key and its value, such as 'timeout_ms: 2500', but is the text 'timeout_ms'")]
    [InlineData("- {}", 3, "an item of the list must be one key and its value, but has none")]
    [InlineData("- {clock: 0, loss: 0}", 14, "an item of the list has only one key; begin a new item, with '- ' before this key")]
    public void Wrong_items_of_the_list_form(string line, int column, string message) =>
        Assert.Equal($"line 2, column {column}: {message}", Configs.ErrorOf($"- {Configs.OneNode}{line}"));

    private static void Check(string line, int column, string message) =>
        Assert.Equal($"line 2, column {column}: {message}", Configs.ErrorOf(Configs.OneNode + line));
}
