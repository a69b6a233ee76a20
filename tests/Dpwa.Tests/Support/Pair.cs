using System.Net;
using Dpwa.Transport;

namespace Dpwa.Tests.Support;

/// <summary>Both ends of one connection.</summary>
internal sealed record Pair(IListener Listener, IConnection Client, IConnection Server) : IDisposable
{
    public static async Task<Pair> Open(ITransport transport, string host)
    {
        IListener listener = transport.Listen(new DpwaNode("server", host, 0));
        ValueTask<IConnection?> accepting = listener.AcceptAsync();
        IConnection client = await transport.ConnectAsync(NodeOf(listener, host), default);
        return new(listener, client, (await accepting)!);
    }

    public static DpwaNode NodeOf(IListener listener, string host, string name = "server") => new(name, host, PortOf(listener));

    public static int PortOf(IListener listener) => PortOf(listener.EndPoint);

    public static int PortOf(EndPoint endPoint) => endPoint is IPEndPoint ip ? ip.Port : ((DnsEndPoint)endPoint).Port;

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        Listener.Dispose();
    }
}
