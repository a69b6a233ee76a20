using Dpwa.Launch.Watch;

namespace Dpwa.Cli.Live;

/// <summary>Shows a cluster, round by round.</summary>
internal interface ITopOutput : IDisposable
{
    /// <param name="view">The round.</param>
    /// <param name="events">What has changed since the one before.</param>
    void Show(ClusterView view, IReadOnlyList<ClusterEvent> events);
}
