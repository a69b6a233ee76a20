using System.CommandLine;
using System.Globalization;
using Dpwa.Cli.Output;
using Dpwa.Launch.Certificates;
using Dpwa.Launch.Runs;

namespace Dpwa.Cli.Commands;

internal sealed class CertCommand : DpwaCommand
{
    private const int MostDays = 3650;
    private const int SoonDays = 30;

    private readonly Argument<string?> _folder = new("folder") { Description = "Where the authority and the certificates are, or are to be.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _config = new("--config") { Description = "The configuration whose nodes get certificates.", HelpName = "FILE", DefaultValueFactory = _ => RunPlan.DefaultConfig };
    private readonly Option<int> _days = new Option<int>("--days") { Description = "For how many days certificates are valid.", HelpName = "N", DefaultValueFactory = _ => CertificateFolder.DefaultDays }.AtLeast(1).AtMost(MostDays);
    private readonly Option<bool> _renew = new("--renew") { Description = "Make new certificates and keys for those that have some too; the authority stays." };
    private readonly Option<string?> _clusterKey = new("--cluster-key") { Description = "Instead: write a secret for all members to share, as 'cluster_key' takes it.", HelpName = "FILE" };
    private readonly Option<bool> _force = new("--force") { Description = "Overwrite the file of --cluster-key when it is there." };
    private readonly Option<string[]> _custom = CommonOptions.Custom();
    private readonly Option<bool> _json = CommonOptions.Json("Say what there is as JSON.");

    public CertCommand()
        : base("cert", "Makes what encryption needs: an authority and a certificate for each node, or a secret for all to share.", "dpwa cert certs", "dpwa cert certs --config cluster.yaml --renew --days 90", "dpwa cert --cluster-key cluster.key")
    {
        Add(_folder);
        foreach (var option in new Option[] { _config, _days, _renew, _clusterKey, _force, _custom, _json }) Add(option);
        Validators.Add(result =>
        {
            var hasFolder = result.GetResult(_folder) is { Tokens.Count: > 0 };
            if (hasFolder && result.GetValue(_folder)!.StartsWith('-')) result.AddError($"There is no option '{result.GetValue(_folder)}'.");
            else if (hasFolder == result.GetResult(_clusterKey) is not null) result.AddError("Give a folder for certificates, or --cluster-key and the file of the secret.");
            if (result.GetResult(_force) is { Implicit: false } && result.GetResult(_clusterKey) is null) result.AddError("--force is for --cluster-key; new certificates are made with --renew.");
        });
    }

    protected override Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        if (arguments.GetValue(_clusterKey) is { } file) WriteKey(file, arguments.GetValue(_force), arguments.GetValue(_json));
        else Fill(arguments);
        return Task.FromResult(ExitCode.Ok);
    }

    private static void WriteKey(string file, bool overwrite, bool isJson)
    {
        ClusterKeyFile.Write(file, overwrite);
        if (isJson)
        {
            Json.Print(new { ClusterKey = Path.GetFullPath(file) });
            return;
        }

        Console.Out.WriteLine($"Wrote {file}: 256 random bits. Copy it to every machine, readable by its owner only (chmod 600), and to nobody else.");
        Console.Out.WriteLine($"Next:  add 'cluster_key: {{file: {file}}}' to the configuration of all.");
    }

    private void Fill(ParseResult arguments)
    {
        var path = arguments.GetRequiredValue(_folder)!;
        var config = arguments.GetRequiredValue(_config);
        var options = DpwaOptions.Load(config, CustomNames.Admit(arguments.GetList(_custom)));
        var folder = new CertificateFolder(path, TimeProvider.System);
        var all = folder.Fill(options.Nodes.Select(node => node.Name), arguments.GetValue(_days), arguments.GetValue(_renew));
        if (arguments.GetValue(_json)) Json.Print(new { Folder = Path.GetFullPath(path), folder.AuthorityKey, Authority = all[0], Certificates = all.Skip(1) });
        else Print(path, config, options, folder, all);
    }

    private static void Print(string path, string config, DpwaOptions options, CertificateFolder folder, IReadOnlyList<CertificateReport> all)
    {
        Console.Out.WriteLine($"{(all[0].IsNew ? "Made" : "Used")} the authority {all[0].Certificate} (until {Date(all[0].Until)}).");
        foreach (var group in all.Skip(1).GroupBy(report => (report.IsNew, Until: Date(report.Until))))
            Console.Out.WriteLine($"{(group.Key.IsNew ? "Made" : "Kept")} until {group.Key.Until}: {string.Join(", ", group.Select(report => report.Name))}.");
        if (all.Skip(1).Any(report => report.Until < TimeProvider.System.GetUtcNow().AddDays(SoonDays))) Console.Out.WriteLine($"Some are valid for less than {SoonDays} days: --renew makes new ones.");
        Console.Out.WriteLine($"Each worker needs three files of {path}: authority.pem, and its own NAME.pem and NAME.key; whoever runs 'dpwa check' elsewhere, operator.pem and operator.key.");
        Console.Out.WriteLine($"Keep {folder.AuthorityKey} away from the workers: whoever has it can let in anybody, under any name.");
        if (options.Tls is null) Console.Out.WriteLine($"Next:  add 'tls: {Relative(config, path)}' to {config}.");
    }

    // As the configuration will see it: from its own folder.
    private static string Relative(string config, string path) => Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(config))!, Path.GetFullPath(path));

    private static string Date(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
