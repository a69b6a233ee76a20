using System.Net;
using Dpwa.Protocol;
using Dpwa.Transport;

namespace Dpwa.Tests.Support;

/// <summary>Both ends of one connection.</summary>
internal sealed record Pair(IListener Listener, IConnection Client, IConnection Server) : IDisposable
{
    public static async Task<Pair> Open(ITransport transport, string host)
    {
        IListener listener = transport.Listen(new DpwaNode("server", host, 0));
        ValueTask<IConnection?> accepting = listener.AcceptAsync();

        // A handshake needs both sides. Without one, the accepting side is open when the first byte comes.
        Task<IConnection> connecting = Task.Run(() => transport.ConnectAsync(NodeOf(listener, host), default).AsTask());
        IConnection server = (await accepting)!;
        Task opening = Task.Run(() => server.OpenAsync().AsTask());
        IConnection client = await connecting;
        if (transport.Identity is not null)
            await opening;
        return new(listener, new Released(client, Task.CompletedTask), new Released(server, opening));
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

    /// <summary>A connection whose operations may hold their thread, on the pool's, so that a test goes on.</summary>
    private sealed class Released(IConnection inner, Task opening) : IConnection
    {
        public string Remote => inner.Remote;

        public bool IsSameHost => inner.IsSameHost;

        public long Received => inner.Received;

        public long Sent => inner.Sent;

        public ValueTask SendAsync(Message message) => new(Task.Run(() => inner.SendAsync(message).AsTask()));

        public ValueTask<Message> ReceiveAsync(IMessageReceiver receiver) => new(Task.Run(async () =>
        {
            await opening;
            return await inner.ReceiveAsync(receiver);
        }));

        public void FinishSending() => inner.FinishSending();

        public void Dispose() => inner.Dispose();
    }
}
