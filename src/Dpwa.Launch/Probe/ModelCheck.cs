namespace Dpwa.Launch.Probe;

/// <summary>Finds the running nodes whose model is not that of the others: they would refuse each other at every step.</summary>
internal static class ModelCheck
{
    /// <summary>The reports, those of the minority marked. With no majority, the first node's model is the one that counts.</summary>
    public static IReadOnlyList<NodeReport> Apply(IReadOnlyList<NodeReport> reports)
    {
        // OrderBy keeps the order of equals. A fingerprint of 0 is that of a node that has no model yet.
        var models = reports.Where(report => report.Greeting is { Fingerprint: not 0 }).GroupBy(report => report.Greeting!.Value.Fingerprint)
            .OrderByDescending(model => model.Count()).Select(model => model.ToArray()).ToArray();
        if (models.Length < 2) return reports;
        var others = NameList.Show([.. models[0].Select(report => report.Node.Name)]);
        var differing = models[1..].SelectMany(model => model).ToHashSet();
        return [.. reports.Select(report => !differing.Contains(report) ? report : report with
        {
            State = NodeState.OtherModel,
            Advice = [.. report.Advice, $"It runs another model than {others}, and they will not average: start all with the same program and settings."],
        })];
    }
}
