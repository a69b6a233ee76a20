using System.Diagnostics;
using System.Net;
using Dpwa.Launch.Bench.Memory;

namespace Dpwa.Launch.Bench.Exchange;

/// <summary>
/// Exchanges a tiny model within this process until the runtime has compiled what it will, so that neither its time nor its memory is taken for that of
/// what is measured.
/// </summary>
internal static class RuntimeWarmUp
{
    private const int Bytes = 64 * 1024;
    private static readonly TimeSpan AtLeast = TimeSpan.FromMilliseconds(600);

    public static void Run(DpwaOptions options, int tensors)
    {
        // These two are nobody's nodes and have no certificates. From a cluster key they make their own.
        options = options with { Tls = null };
        var layout = ModelShape.ResNetLike(Math.Max(Bytes, 64L * tensors), tensors);
        using var model = new BenchModel(layout, seed: 6);
        using var other = new BenchModel(layout, seed: 7);
        DpwaNode a = new("a", "127.0.0.1", 0), b = new("b", "127.0.0.1", 0);
        using var first = new DpwaConnection("a", options with { Nodes = [a] }, model);
        using var second = new DpwaConnection("b", options with { Nodes = [b] }, other);
        first.AddPeer(b with { Port = ((IPEndPoint)second.ListenEndPoint).Port });
        second.AddPeer(a with { Port = ((IPEndPoint)first.ListenEndPoint).Port });
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < AtLeast;)
        {
            first.UpdateSend(1);
            second.UpdateSend(1);
            first.UpdateWait(1);
            second.UpdateWait(1);
        }
    }

    /// <summary>Gives back what can be given back.</summary>
    public static void Settle()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }
}
