namespace Dpwa.Configuration;

/// <summary>Reads the keys that say what is let in, and what is done with what is bad.</summary>
internal sealed class SafetyReader(Fields fields, OptionsRules rules, ErrorList errors)
{
    /// <summary><c>max_delta_norm: 10</c>, <c>{value: 10, excess: reject}</c> or <c>off</c></summary>
    public DeltaLimit? MaxDeltaNorm()
    {
        const string key = "max_delta_norm";
        switch (fields.Entry(key))
        {
            case null or { Value: YamlScalar { IsOff: true } }:
                return null;
            case { Value: YamlMap map } entry:
                var limit = new Fields(map.Entries, ["value", "excess"], "max_delta_norm.", errors);
                double? value = limit.Number("value", "a number above 0", rules.DeltaNorm);
                if (!limit.Has("value"))
                    errors.Add(entry.Key.Place, "max_delta_norm has no value: '{value: 10, excess: clip}'");
                string excess = limit.Text("excess", "clip or reject", rules.Excess) ?? OptionsRules.Excesses[0];
                return new(value ?? 1, (DeltaExcess)Array.IndexOf(OptionsRules.Excesses, excess));
            default:
                return fields.Number(key, "a number above 0, a map such as {value: 10, excess: reject}, or off", rules.DeltaNorm) is { } norm ? new(norm) : null;
        }
    }

    /// <summary><c>quarantine: {after: 3, for: 10m}</c>, or <c>off</c></summary>
    public QuarantineOptions? Quarantine()
    {
        switch (fields.Entry("quarantine"))
        {
            case null or { Value: YamlScalar { IsOff: true } }:
                return null;
            case { Value: YamlMap map }:
                var given = new Fields(map.Entries, ["after", "for"], "quarantine.", errors);
                QuarantineOptions standard = new();
                return new(given.Whole("after", "a whole number from 1", rules.QuarantineAfter) ?? standard.After, given.Time("for", "a number of milliseconds, or a time such as 500ms, 30s or 2m", rules.QuarantineFor));
            case { } entry:
                fields.Wrong<int>("quarantine", entry, "a map such as {after: 3, for: 10m}, or off");
                return null;
        }
    }

    /// <summary><c>tls: FOLDER</c>, or <c>{authority: …, certificate: …, key: …}</c></summary>
    public TlsOptions? Tls()
    {
        if (fields.Entry("tls") is not { Value: YamlMap map } entry)
            return fields.Text("tls", "a folder that 'dpwa cert' has written, or a map {authority: …, certificate: …, key: …}", rules.FilePath) is { } folder ? TlsOptions.Folder(folder) : null;
        var given = new Fields(map.Entries, ["authority", "certificate", "key"], "tls.", errors);
        return new(File("authority"), File("certificate"), File("key"));

        string File(string key)
        {
            if (!given.Has(key))
                errors.Add(entry.Key.Place, $"tls has no {key}: it needs the files 'authority', 'certificate' and 'key'");
            return given.Text(key, "a file", rules.FilePath, orNumber: true) ?? "";
        }
    }

    /// <summary><c>cluster_key: {file: cluster.key}</c>, or <c>{environment: DPWA_CLUSTER_KEY}</c>. Never the secret itself: whoever reads the configuration would have it.</summary>
    public ClusterKeySource? ClusterKey()
    {
        switch (fields.Entry("cluster_key"))
        {
            case null:
                return null;
            case { Value: YamlMap map }:
                var given = new Fields(map.Entries, ["file", "environment"], "cluster_key.", errors);

                // What is wrong has been reported; that it was given still counts.
                return new(
                    given.Has("file") ? given.Text("file", "a file", rules.FilePath, orNumber: true) ?? "?" : null,
                    given.Has("environment") ? given.Text("environment", "the name of an environment variable", rules.Variable) ?? "?" : null);
            case { } entry:
                // The value may be the secret: it is not repeated.
                errors.Add(entry.Value.Place, "cluster_key must say where the key is, {file: cluster.key} or {environment: DPWA_CLUSTER_KEY}; the key itself does not belong here");
                return null;
        }
    }
}
