using System.Buffers;
using System.Text;

namespace Dpwa.Launch.Workers;

/// <summary>Cuts a worker's output into lines: at line feeds, and at the carriage returns of progress bars.</summary>
internal static class LinePump
{
    /// <summary>A longer line is cut, so that output without an end of line does not fill the memory.</summary>
    public const int MaxLine = 16 * 1024;

    /// <summary>Until the stream ends or <paramref name="ct"/> is cancelled; what the last line has so far is told then too.</summary>
    public static async Task RunAsync(Stream from, Action<string> line, CancellationToken ct)
    {
        using var reader = new StreamReader(from, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), detectEncodingFromByteOrderMarks: false, bufferSize: 4096, leaveOpen: true);
        var buffer = ArrayPool<char>.Shared.Rent(4096);
        var pending = new StringBuilder();
        var afterReturn = false;
        try
        {
            while (await reader.ReadAsync(buffer, ct).ConfigureAwait(false) is > 0 and var count)
            {
                foreach (var c in buffer.AsSpan(0, count))
                {
                    // "\r\n" is one end; a lone "\r" is one too.
                    if (c is '\n' ? !afterReturn : c is '\r') Flush();
                    else if (c is not ('\n' or '\r') && pending.Append(c).Length == MaxLine) Flush();
                    afterReturn = c is '\r';
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Cancelled, or the pipe broke with the process at its other end: what was read counts.
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }

        if (pending.Length > 0) Flush();

        void Flush()
        {
            line(pending.ToString());
            pending.Clear();
        }
    }
}
