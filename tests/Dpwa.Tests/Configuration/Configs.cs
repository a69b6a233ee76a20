using Dpwa.Tests.Shared;

namespace Dpwa.Tests.Configuration;

/// <summary>Texts that several tests start from, and what they ask of a broken one.</summary>
internal static class Configs
{
    /// <summary>samples/config.yaml of the original dpwa, as it was published.</summary>
    public const string Original = """
        # Sample configuration file for a multi-core machine
        # Each worker is running on a seperate core
        ---
        - nodes:
          - {name: w1, host: localhost, port: 45000}
          - {name: w2, host: localhost, port: 45001}
          - {name: w3, host: localhost, port: 45002}
          - {name: w4, host: localhost, port: 45003}

        # The probability of initiating a fetch parameter request
        - fetch_probability: 1

        # The timeout value is used for flow-control
        - timeout_ms: 2500

        # Choose interpolation method: clock, loss or constant
        - interpolation: constant

        # Diverge models when loss is reaching the value specified here (use 0 to disable)
        - divergence_threshold: 0.2

        # Individual interpolation methods configuration:

        - constant: { value: 0.5 }

        - clock: 0

        - loss: 0

        """;

    /// <summary>Line 1 of a file whose line 2 is what a test is about.</summary>
    public const string OneNode = "nodes: [{name: w1, host: localhost, port: 45000}]\n";

    public static IReadOnlyList<ConfigurationError> ErrorsOf(string yaml) =>
        Assert.Throws<DpwaConfigurationException>(() => DpwaOptions.Parse(yaml)).Errors;

    /// <summary>The only error, as it is printed.</summary>
    public static string ErrorOf(string yaml) => Assert.Single(ErrorsOf(yaml)).ToString();

    public static string RepositoryFile(params string[] path) => Path.Combine([Repository.Root, .. path]);
}
