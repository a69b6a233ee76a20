// Two workers in one program, from the packages alone. The nets are built before anything of Dpwa is used, as a user's are: that TorchSharp loads
// here on an older Linux is the package's doing.
using System.Net;
using System.Net.Sockets;
using Dpwa;
using Dpwa.TorchSharp;
using TorchSharp;
using static TorchSharp.torch;

using var first = nn.Linear(3, 2);
using var second = nn.Linear(3, 2);
using (no_grad())
{
    nn.init.constant_(first.weight!, 0);
    nn.init.constant_(second.weight!, 1);
}

int[] ports = [FreePort(), FreePort()];
DpwaOptions options = DpwaOptions.Parse($"""
    nodes:
      - name: w1
        host: 127.0.0.1
        port: {ports[0]}
      - name: w2
        host: 127.0.0.1
        port: {ports[1]}
    """);
using var one = new DpwaTorchAdapter(first, "w1", options);
using var two = new DpwaTorchAdapter(second, "w2", options);
two.UpdateSend(loss: 1);
one.UpdateSend(loss: 1);
UpdateResult result = one.UpdateWait(loss: 1);
float mixed = first.weight![0, 0].ToSingle();
Console.WriteLine($"{result.Outcome} with {result.Peer}: {mixed}");
return result.Outcome == UpdateOutcome.Averaged && mixed == 0.5f ? 0 : 1;

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}
