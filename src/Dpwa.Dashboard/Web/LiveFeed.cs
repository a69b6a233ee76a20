using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Dpwa.Dashboard.Watching;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dpwa.Dashboard.Web;

/// <summary>Tells every open page of each moment, as server-sent events. A moment is written once, whoever listens; a page that cannot follow misses some and never holds up the others.</summary>
public sealed class LiveFeed
{
    private const int Waiting = 4;

    private readonly ConcurrentDictionary<Channel<byte[]>, bool> _pages = new();
    private byte[]? _last;
    private long _number;

    /// <summary>How many pages listen.</summary>
    public int Pages => _pages.Count;

    /// <summary>Tells a moment.</summary>
    public void Publish(Tick tick)
    {
        // With a number, by which a page sees that it has missed some.
        byte[] written = [.. "id: "u8, .. JsonSerializer.SerializeToUtf8Bytes(++_number), .. "\ndata: "u8, .. JsonSerializer.SerializeToUtf8Bytes(tick, PageJson.Options), .. "\n\n"u8];
        Volatile.Write(ref _last, written);
        foreach (Channel<byte[]> page in _pages.Keys)
            page.Writer.TryWrite(written);
    }

    /// <summary>Serves a page until it is closed, from the last moment on.</summary>
    public async Task ServeAsync(HttpContext context, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var page = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _pages[page] = true;
        try
        {
            if (Volatile.Read(ref _last) is { } last)
                await context.Response.Body.WriteAsync(last, ended.Token).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(ended.Token).ConfigureAwait(false);
            await foreach (byte[] written in page.Reader.ReadAllAsync(ended.Token).ConfigureAwait(false))
            {
                await context.Response.Body.WriteAsync(written, ended.Token).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the dashboard ends.
        }
        finally
        {
            _pages.TryRemove(page, out _);
        }
    }
}
