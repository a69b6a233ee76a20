using System.Text.Json;
using System.Text.RegularExpressions;
using Dpwa.Prometheus;
using Dpwa.Tests.Shared;

namespace Dpwa.Monitoring.Tests;

/// <summary>docs/grafana/dpwa.json asks only for what there is.</summary>
public sealed partial class GrafanaTests
{
    [Fact]
    public async Task Every_query_names_metrics_and_labels_that_exist()
    {
        string text = await ClusterMetricsTests.Text(new NodeReading("w1", ClusterMetricsTests.Status("w1")), new NodeReading("w2", ClusterMetricsTests.Status("w2")));
        HashSet<string> known = [.. Word().Matches(Quoted().Replace(text, "")).Select(m => m.Value)];
        Assert.Contains("dpwa_steps_total", known);
        Assert.True(Queries().Count > 10, "the dashboard has no queries");
        Assert.All(Queries(), query => Assert.Empty(Word().Matches(Quoted().Replace(query, "")).Select(m => m.Value).Except(known)));
    }

    [Fact]
    public void Every_metric_of_a_cluster_is_shown()
    {
        string all = string.Join(' ', Queries());
        Assert.All(Diagnostics.StatusMetric.All.Where(m => !m.IsOfPeers && m.Name != "dpwa.snapshot.size"), m => Assert.Contains(MetricName.Of(m), all, StringComparison.Ordinal));
    }

    /// <summary>Every query, and that of the variable.</summary>
    internal static IReadOnlyList<string> Queries()
    {
        using JsonDocument dashboard = JsonDocument.Parse(Repository.Read("docs/grafana/dpwa.json"));
        return [.. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray() from target in panel.GetProperty("targets").EnumerateArray() select target.GetProperty("expr").GetString()!,
            dashboard.RootElement.GetProperty("templating").GetProperty("list")[0].GetProperty("query").GetProperty("query").GetString()!];
    }

    [GeneratedRegex(@"\b(?:dpwa|network)_\w+")]
    private static partial Regex Word();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();
}
