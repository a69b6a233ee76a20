using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport;

namespace Dpwa.Runtime;

/// <summary>One question on a connection, and its answer. It reads no more than the asker admits.</summary>
/// <param name="node">Who is asked.</param>
/// <param name="admit">Whether the body that a header announces may come.</param>
internal sealed class OneQuestion(DpwaNode node, OneQuestion.Admission admit) : IMessageReceiver
{
    /// <summary>Gives why a body may not come, as what <paramref name="node"/> did; nothing when it may.</summary>
    public delegate Failure Admission(DpwaNode node, in MessageHeader header);

    /// <summary>Reads an answer, whose body is given back afterwards.</summary>
    public delegate T Reader<T>(in MessageHeader header, ReadOnlySpan<byte> body);

    /// <summary>Does this on a thread of its own, because the transport may hold it; it runs synchronously on it then.</summary>
    public static Task<T> Run<T>(Func<Task<T>> ask, CancellationToken ct) => Task.Factory.StartNew(ask, ct, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <summary>Asks.</summary>
    /// <param name="connection">To whom. Who gives up closes it.</param>
    /// <param name="question">What.</param>
    /// <param name="read">What the answer means.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="TransportException">The connection ended, or brought what is not admitted.</exception>
    public async Task<T> AskAsync<T>(IConnection connection, MessageHeader question, Reader<T> read, CancellationToken ct)
    {
        using CancellationTokenRegistration hangUp = ct.Register(connection.Dispose);
        await connection.SendAsync(new Message(question, null)).ConfigureAwait(false);
        Message answer = await connection.ReceiveAsync(this).ConfigureAwait(false);
        try
        {
            return read(answer.Header, answer.Body is null ? default : answer.Body.Segment(0).Span);
        }
        finally
        {
            answer.Release();
        }
    }

    void IMessageReceiver.Partial()
    {
    }

    IncomingPayload? IMessageReceiver.Admit(in MessageHeader header, out Failure failure)
    {
        failure = admit(node, header);
        return failure.Kind == FailureKind.None ? ReceiveBuffers.Small((long)header.BodyLength) : null;
    }
}
