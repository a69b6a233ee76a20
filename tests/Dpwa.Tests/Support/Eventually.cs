namespace Dpwa.Tests.Support;

/// <summary>
/// Waits for what other threads will do where nothing tells of it. It asks again and again, and in between lets every other thread and all work of
/// the pool go first: no time is waited for. The test's own time-out ends it.
/// </summary>
internal static class Eventually
{
    public static async Task Is(Func<bool> condition, string what)
    {
        CancellationToken ended = TestContext.Current.CancellationToken;
        while (!condition())
        {
            Assert.False(ended.IsCancellationRequested, $"never: {what}");
            Thread.Yield();
            await Task.Yield();
        }
    }

    /// <summary>No reader holds anything of these connections.</summary>
    public static Task NothingIsLeased(params DpwaConnection[] connections) =>
        Is(() => !connections.Any(Inside.HoldsLeases), "every lease is given back");
}
