using System.Net;

namespace Dpwa.Dashboard;

/// <summary>Where and for whom the page is.</summary>
public sealed record DashboardOptions
{
    /// <summary>The port unless another is asked for.</summary>
    public const int DefaultPort = 8047;

    /// <summary>What is watched: the name of the configuration.</summary>
    public required string Title { get; init; }

    /// <summary>The names of the nodes.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The file that keeps the runs.</summary>
    public required string Data { get; init; }

    /// <summary>The address to listen at. This machine only, unless set.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Other names that the page may be opened by, beside the machine's own.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>What who comes from elsewhere must know; null where nobody can.</summary>
    public string? Token { get; init; }

    /// <summary>Seconds from one round of questions to the next.</summary>
    public double Interval { get; init; } = 1;

    /// <summary>Whether only this machine can come.</summary>
    public bool IsLocal => IPAddress.IsLoopback(Listen);

    /// <summary>Where a user keeps the runs of a configuration: <c>.dpwa/runs.db</c> beside it.</summary>
    public static string DataOf(string config) => Path.Combine(Path.GetDirectoryName(config) ?? "", ".dpwa", "runs.db");
}
