using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Dpwa.Protocol;
using Dpwa.Security;
using Dpwa.Tests.Support;

namespace Dpwa.Tests.Security;

/// <summary>A TLS client that shows whatever certificate it likes, trusts anybody, and sends whatever it likes.</summary>
[SuppressMessage("Security", "CA5359", Justification = "It is the hostile side.")]
internal sealed class RawTls : IDisposable
{
    private readonly SslStream _stream;

    private RawTls(Socket socket, SslStream stream) => (Socket, _stream) = (socket, stream);

    public Socket Socket { get; }

    public SslStream Stream => _stream;

    public static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static Task<RawTls> Connect(int port, NodeIdentity identity) => Connect(port, identity.Certificate.TargetCertificate);

    public static async Task<RawTls> Connect(int port, X509Certificate2? certificate = null, X509Certificate2? issuer = null, SslProtocols protocols = SslProtocols.Tls13)
    {
        Socket socket = NewSocket();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var client = new RawTls(socket, stream);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "",
            EnabledSslProtocols = protocols,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, issuer is null ? null : [issuer], offline: true),
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return client;
    }

    public Task Send(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>Sends a request and gives the header of what is answered; a body is read and dropped.</summary>
    public async Task<MessageHeader> Ask(MessageHeader request)
    {
        await Send(Frames.Of(request));
        byte[] bytes = new byte[MessageHeader.Size];
        await _stream.ReadExactlyAsync(bytes);
        Assert.Equal(HeaderFault.None, MessageHeader.TryRead(bytes, out MessageHeader header));
        if (header.BodyLength > 0)
            await _stream.ReadExactlyAsync(new byte[header.BodyLength + MessageHeader.TrailerSize]);
        return header;
    }

    /// <summary>How many bytes come until the node closes.</summary>
    public async Task<int> Rest()
    {
        byte[] rest = new byte[4096];
        int total = 0;
        for (int count; (count = await _stream.ReadAsync(rest)) > 0;)
            total += count;
        return total;
    }

    public void Dispose() => _stream.Dispose();
}
