// A small GPT that learns characters, trained by several workers that average with each other. What is distributed about a worker is in
// Training/Trainer.cs, marked [dpwa 1 of 3] to [dpwa 3 of 3].
//
//   dotnet run -c Release --project examples/CharGpt                                     four workers of this machine, plain dpwa
//   dotnet run -c Release --project examples/CharGpt -- --method noloco --sample 400     NoLoCo: an exchange at every 50th step; and a sample of its prose
//   dpwa run -- dotnet examples/CharGpt/bin/Release/net10.0/CharGpt.dll                  the workers of dpwa.yaml, one a core
//
// What to expect of the first: validation losses of about 2.0 nats a character together and 2.3 alone.
//
// Exit codes: 0 trained; 1 failed; 2 a wrong option, configuration or text, or a port in use; 130 stopped by Ctrl-C or SIGTERM.
using Dpwa;
using Dpwa.Data;
using Dpwa.Examples.CharGpt;
using Dpwa.Examples.CharGpt.Cluster;
using Dpwa.Examples.CharGpt.Model;
using Dpwa.Examples.CharGpt.Text;
using Dpwa.Examples.CharGpt.Training;
using Dpwa.Examples.LocalCluster;

return await CommandLine.RunAsync(args, async (settings, display) =>
{
    using var interruption = new Interruption();
    Corpus corpus = Corpus.Load(settings.Data);
    if (settings.ConfigFile is null)
        await new ClusterRun(settings, display, corpus).RunAsync(interruption.Token);
    else
        RunWorker(settings, display, corpus, interruption.Token);
});

static void RunWorker(Settings settings, Display display, Corpus corpus, CancellationToken interrupted)
{
    DpwaOptions cluster = DpwaOptions.Load(settings.ConfigFile!) with { LoggerFactory = display.Loggers };
    using Gpt net = settings.CreateModel(corpus.Tokenizer.Count);
    var trainer = new Trainer(settings, corpus, DataShard.Of(cluster, settings.Name!));
    WorkerSummary summary = trainer.Run(settings.Name!, net, cluster, display.Say, interrupted);
    if (settings.Save is not null)
        net.save(settings.Save);
    display.Show(summary);
    display.ShowSample(net, corpus, settings);
}
