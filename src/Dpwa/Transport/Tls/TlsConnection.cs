using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Security;
using Dpwa.Transport.Sockets;

namespace Dpwa.Transport.Tls;

/// <summary>
/// A connection under TLS 1.3, between two certificates of one authority. Under TLS 1.3 a client has finished before the server has judged it, and would see no more than the end: so
/// no handshake is broken off. Who finds a fault reads nothing of the other side, tells it which, and closes.
/// </summary>
[SuppressMessage("Security", "CA5359", Justification = "What the callbacks find is noted, and acted on when the handshake is over.")]
internal sealed class TlsConnection : SocketConnection
{
    /// <summary>Progress is noted after each piece: small enough for a slow network's time-out, large enough to be encrypted in whole records.</summary>
    private const int Piece = 64 * 1024;

    private readonly NodeIdentity _identity;
    private readonly TimeProvider _time;
    private readonly SocketStream _stream;
    private readonly SslStream _tls;
    private string? _expected;
    private string _peer = "";
    private ulong _peerId;
    private bool _isAccepted;
    private bool _hasSent;
    private Failure _fault;

    public TlsConnection(Socket socket, string remote, NodeIdentity identity, TimeProvider time)
        : base(socket, remote)
    {
        (_identity, _time) = (identity, time);
        _stream = new SocketStream(socket);
        _tls = new SslStream(_stream, leaveInnerStreamOpen: true);

        // Until somebody has been looked at, nobody is let in.
        _fault = IdentityFailures.Found(remote, IdentityFault.NoCertificate);
    }

    /// <summary>The handshake of the side that connected, which wants this node.</summary>
    /// <exception cref="TransportException">It is not that node, or refuses.</exception>
    public void Authenticate(string expected)
    {
        _expected = expected;
        Handshake(() => _tls.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            // Names are not those of hosts: they are compared below.
            TargetHost = "",
            ClientCertificateContext = _identity.Certificate,
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = Certificates.Policy(_identity.Authority, _time.GetUtcNow()),
            RemoteCertificateValidationCallback = Note,
        }));
    }

    /// <summary>The handshake of the side that was connected to.</summary>
    public override ValueTask OpenAsync()
    {
        _isAccepted = true;
        switch (PeekFirst())
        {
            case TlsHandshake:
                Handshake(() => _tls.AuthenticateAsServer(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = _identity.Certificate,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    AllowTlsResume = false,
                    AllowRenegotiation = false,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    CertificateChainPolicy = Certificates.Policy(_identity.Authority, _time.GetUtcNow()),
                    RemoteCertificateValidationCallback = Note,
                }));
                return default;
            case null:
                throw new TransportException(new(FailureKind.Closed, $"{Remote} closed the connection"));
            case Plain:
                Refuse(IdentityFault.NotEncrypted, MessageHeader.IdOf(_identity.Name), bytes => Socket.Send(bytes));
                throw new TransportException(IdentityFailures.Found(Remote, IdentityFault.NotEncrypted));
            default:
                throw new TransportException(new(FailureKind.Protocol, $"{Remote} speaks another protocol"));
        }
    }

    public override void FinishSending()
    {
        try
        {
            // What it writes goes through SocketStream, and so is done when it returns.
            if (_tls.IsAuthenticated)
                _tls.ShutdownAsync().GetAwaiter().GetResult();
        }
        catch (Exception e) when (IsEnd(e))
        {
            // It has ended already.
        }

        base.FinishSending();
    }

    /// <summary>The socket first: it wakes who reads or writes, and holds the rest.</summary>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _tls.Dispose();
    }

    /// <summary>Whatever is said, it is said in the name of the certificate.</summary>
    protected override Failure Judge(in MessageHeader header)
    {
        if (header.Sender == _peerId)
            return default;

        // Before anything else was sent nobody else is sending.
        if (_isAccepted && !_hasSent)
            Refuse(IdentityFault.OtherSender);
        return IdentityFailures.Found(Remote, IdentityFault.OtherSender, _peer);
    }

    protected override ValueTask<int> SendSomeAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            ReadOnlyMemory<byte> piece = bytes[..Math.Min(bytes.Length, Piece)];
            _hasSent = true;
            _tls.Write(piece.Span);
            return new(piece.Length);
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw Ended(e);
        }
    }

    protected override ValueTask<int> ReceiveAsync(Memory<byte> bytes)
    {
        try
        {
            return new(_tls.Read(bytes.Span));
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw Ended(e);
        }
    }

    private static bool IsEnd(Exception e) => e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or AuthenticationException or NotSupportedException;

    private void Handshake(Action handshake)
    {
        try
        {
            handshake();
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw new TransportException(Broken(e), e);
        }

        if (_fault.Kind == FailureKind.None)
            return;
        Refuse(_fault.Identity);
        throw new TransportException(_fault);
    }

    private Failure Broken(Exception e) => e switch
    {
        _ when _stream.IsPlain => IdentityFailures.Told(Remote, IdentityFault.Encrypted),
        AuthenticationException => new(FailureKind.NotAuthenticated, $"the TLS handshake with {Remote} failed: {(e.InnerException ?? e).Message}"),
        _ when !_isAccepted => new(FailureKind.Closed, $"{Remote} ended the connection during the TLS handshake ({e.Message}); does it have 'tls' or 'cluster_key' as this node has?"),
        _ => new(FailureKind.Closed, $"{Remote} ended the connection during the TLS handshake"),
    };

    private void Refuse(IdentityFault fault) => Refuse(fault, MessageHeader.IdOf(_identity.Name), _tls.Write);

    /// <summary>Notes who the other side is, or what is wrong with it; the handshake goes on in any case.</summary>
    private bool Note(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _fault = Fault(certificate as X509Certificate2, chain, errors);
        return true;
    }

    private Failure Fault(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null)
            return IdentityFailures.Found(Remote, IdentityFault.NoCertificate);
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            return ChainFault(chain);
        if (Certificates.NameOf(certificate) is not { Length: > 0 } name)
            return IdentityFailures.Found(Remote, IdentityFault.OtherUse, "its subject is no name alone");
        if (_expected is not null && name != _expected)
            return IdentityFailures.Found(Remote, IdentityFault.OtherName, name);
        (_peer, _peerId) = (name, MessageHeader.IdOf(name));
        return default;
    }

    /// <summary>Who has signed it counts before when: what a stranger's certificate says of itself is of no interest.</summary>
    private Failure ChainFault(X509Chain chain)
    {
        X509ChainStatusFlags status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        const X509ChainStatusFlags wrongUse = X509ChainStatusFlags.NotValidForUsage | X509ChainStatusFlags.InvalidExtension | X509ChainStatusFlags.InvalidBasicConstraints | X509ChainStatusFlags.HasNotSupportedCriticalExtension;
        if ((status & ~(wrongUse | X509ChainStatusFlags.NotTimeValid)) != X509ChainStatusFlags.NoError)
            return IdentityFailures.Found(Remote, IdentityFault.OtherAuthority);
        if ((status & wrongUse) != X509ChainStatusFlags.NoError)
            return IdentityFailures.Found(Remote, IdentityFault.OtherUse, $"{status}");
        DateTime now = _time.GetUtcNow().UtcDateTime;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            if (now > Certificates.Until(element.Certificate))
                return IdentityFailures.Found(Remote, IdentityFault.Expired, $"{Certificates.Until(element.Certificate):u}");
        }

        return IdentityFailures.Found(Remote, IdentityFault.NotYetValid, $"{chain.ChainElements.Max(e => Certificates.From(e.Certificate)):u}");
    }
}
