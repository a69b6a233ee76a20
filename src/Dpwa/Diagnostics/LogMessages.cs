using Microsoft.Extensions.Logging;

namespace Dpwa.Diagnostics;

/// <summary>Every log message of the library: one event, one id, one line.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "{Node} listens on {EndPoint}")]
    public static partial void Listening(this ILogger logger, string node, string endPoint);

    [LoggerMessage(2, LogLevel.Information, "{Node} has left")]
    public static partial void Closed(this ILogger logger, string node);

    [LoggerMessage(3, LogLevel.Warning, "parameters cannot be put into shared memory ({Why}); workers of this host can fetch them over TCP only")]
    public static partial void NotShared(this ILogger logger, string why);

    [LoggerMessage(4, LogLevel.Warning, "{EndPoint} can be reached from other machines, and whoever reaches it can read these parameters and pose as a member: set 'cluster_key' or 'tls' in the configuration, or listen on a network where you trust everybody")]
    public static partial void OpenToAll(this ILogger logger, string endPoint);

    [LoggerMessage(10, LogLevel.Warning, "{Peer} failed ({Kind}): {Text}")]
    public static partial void PeerFailed(this ILogger logger, string peer, string kind, string text);

    [LoggerMessage(11, LogLevel.Information, "{Peer} is averaged with again")]
    public static partial void PeerRecovered(this ILogger logger, string peer);

    [LoggerMessage(12, LogLevel.Information, "{Peer} said goodbye")]
    public static partial void PeerLeft(this ILogger logger, string peer);

    [LoggerMessage(13, LogLevel.Warning, "a connection of {Client} was ended ({Kind}): {Text}; further ones of this kind are not logged")]
    public static partial void ClientRejected(this ILogger logger, string client, string kind, string text);

    [LoggerMessage(14, LogLevel.Warning, "{Text}; the exchange is rejected, and further ones are not logged")]
    public static partial void FactorFailed(this ILogger logger, string text);

    [LoggerMessage(15, LogLevel.Information, "a swap with {Peer} may be applied by the other side only: {Text}")]
    public static partial void OneSidedSwap(this ILogger logger, string peer, string text);

    [LoggerMessage(16, LogLevel.Warning, "{Peer} is too far away: {Text}; further times are only counted")]
    public static partial void PeerTooFar(this ILogger logger, string peer, string text);

    [LoggerMessage(17, LogLevel.Warning, "{Peer} is in quarantine: {Text}")]
    public static partial void PeerQuarantined(this ILogger logger, string peer, string text);

    [LoggerMessage(20, LogLevel.Warning, "tensor values are not finite, so this step publishes nothing; others keep averaging with what was published before")]
    public static partial void NotPublishedNotFinite(this ILogger logger);

    [LoggerMessage(21, LogLevel.Information, "begins with the model of {Peer}: {Bytes} bytes, clock {Clock}, round {Round}")]
    public static partial void Bootstrapped(this ILogger logger, string peer, long bytes, double clock, long round);

    [LoggerMessage(22, LogLevel.Warning, "begins with parameters of its own, since no peer's model could be had: {Why}")]
    public static partial void NotBootstrapped(this ILogger logger, string why);

    [LoggerMessage(90, LogLevel.Error, "an internal error ended a connection; please report it")]
    public static partial void InternalError(this ILogger logger, Exception exception);
}
