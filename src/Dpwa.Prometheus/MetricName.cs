using Dpwa.Diagnostics;

namespace Dpwa.Prometheus;

/// <summary>Names as OpenTelemetry's Prometheus exporters make them, so that one dashboard shows either: dots are underscores, the unit and <c>_total</c> come at the end.</summary>
public static class MetricName
{
    /// <summary>The name that Prometheus has for a metric.</summary>
    public static string Of(StatusMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        string unit = metric.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        return Label(metric.Name) + unit + (metric.Kind == StatusMetricKind.Counter ? "_total" : "");
    }

    /// <summary>The label that Prometheus has for an attribute.</summary>
    public static string Label(string attribute)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        return attribute.Replace('.', '_');
    }
}
