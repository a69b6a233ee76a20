using Dpwa.TorchSharp;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace Dpwa.TorchSharp.Tests.Docs;

/// <summary>The code of the documents, compiled. DocumentTests finds each block of theirs here.</summary>
internal static class Snippets
{
    private static double Train(Tensor batch) => batch.sum().ToDouble();

    private static void Readme(nn.Module net, IEnumerable<Tensor> batches, double loss)
    {
        using var dpwa = new DpwaTorchAdapter(net, name: "w1", configFile: "dpwa.yaml");
        foreach (var batch in batches)
        {
            dpwa.UpdateSend(loss);      // publish my parameters, start fetching a random peer's
            loss = Train(batch);        // what you do today
            dpwa.UpdateWait(loss);      // mix in what came
        }
    }

    private static DpwaOptions Configuration(ILoggerFactory loggers)
    {
        DpwaOptions options = DpwaOptions.Load("dpwa.yaml") with { Seed = 1, LoggerFactory = loggers };
        return options;
    }
}
