using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Transport;

namespace Dpwa.Runtime;

/// <summary>Asks one node how it is, again and again. One question at a time.</summary>
public interface INodeQuery : IDisposable
{
    /// <summary>Asks. Exchanges that an earlier answer had are not told again.</summary>
    /// <param name="withSketch">Whether the parameters' sketch is wanted: the node makes it at most every so often.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="TransportException">Nobody is there, or not this node; the failure says which.</exception>
    Task<NodeStatus> AskAsync(bool withSketch, CancellationToken ct = default);
}

/// <summary>Asks over the node's own protocol and one connection, which is made when it is needed, and again when it broke or the asker gave up.</summary>
/// <param name="transport">How to reach it, with the identity of who asks where the cluster has identities.</param>
/// <param name="node">Which node.</param>
/// <param name="options">The cluster.</param>
public sealed class NodeQuery(ITransport transport, DpwaNode node, DpwaOptions options) : INodeQuery
{
    private const long MaxRefusal = 4 * 1024;

    private IConnection? _connection;
    private ulong _request;
    private ulong _incarnation;
    private ulong _after;

    /// <inheritdoc/>
    public Task<NodeStatus> AskAsync(bool withSketch, CancellationToken ct = default) =>
        OneQuestion.Run(() => Ask(withSketch, ct), ct);

    /// <inheritdoc/>
    public void Dispose() => _connection?.Dispose();

    private async Task<NodeStatus> Ask(bool withSketch, CancellationToken ct)
    {
        bool isFresh = _connection is null;
        try
        {
            return await AskOnce(withSketch, ct).ConfigureAwait(false);
        }
        catch (TransportException e) when (!isFresh && e.Failure.Kind is FailureKind.Closed or FailureKind.Broken && !ct.IsCancellationRequested)
        {
            // It had been idle, and may have died while nobody looked: once more on a fresh one.
            return await AskOnce(withSketch, ct).ConfigureAwait(false);
        }
    }

    private async Task<NodeStatus> AskOnce(bool withSketch, CancellationToken ct)
    {
        try
        {
            IConnection connection = _connection ??= await transport.ConnectAsync(node, ct).ConfigureAwait(false);
            MessageHeader question = PingExchange.Question(node, options, transport.Identity ?? "") with
            {
                Type = MessageType.StatusRequest,
                Request = ++_request,
                Sequence = _after,
                Flags = withSketch ? MessageHeader.WithSketch : 0,
            };
            return await new OneQuestion(node, Admit).AskAsync(connection, question, Read, ct).ConfigureAwait(false);
        }
        catch
        {
            _connection?.Dispose();
            _connection = null;
            throw;
        }
    }

    private NodeStatus Read(in MessageHeader header, ReadOnlySpan<byte> body)
    {
        if (header.Type != MessageType.Status || header.Request != _request)
        {
            Failure refused = PingExchange.Read(node, header, body, out _);
            throw new TransportException(header is { Type: MessageType.Refusal, Reason: RefusalReason.Unsupported }
                ? new(FailureKind.Protocol, $"{node} is of an older version, which tells no status")
                : refused.Kind == FailureKind.None ? new(FailureKind.Protocol, $"{node} answered another question") : refused);
        }

        if (header.Sender != MessageHeader.IdOf(node.Name))
            throw new TransportException(new(FailureKind.OtherNode, $"another node answers at the address of {node}"));
        if (NodeStatus.TryDecode(body) is not { } status)
            throw new TransportException(new(FailureKind.Protocol, $"{node} sent a status that cannot be read"));

        // Another life counts anew.
        if (status.Incarnation != _incarnation)
            (_incarnation, _after) = (status.Incarnation, 0);
        if (status.Exchanges.Count > 0)
            _after = (ulong)Math.Max(0, status.Exchanges[^1].Number);
        return status;
    }

    private static Failure Admit(DpwaNode node, in MessageHeader header) =>
        header.BodyLength <= (ulong)(header.Type == MessageType.Status ? NodeStatus.MaxBytes : MaxRefusal) ? default : new(FailureKind.Protocol, $"{node} answered with {header.BodyLength:N0} bytes");
}
