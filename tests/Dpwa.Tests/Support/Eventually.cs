namespace Dpwa.Tests.Support;

/// <summary>Waits for what other threads will do. It asks again and again and gives way in between; the test's own time-out ends it.</summary>
internal static class Eventually
{
    public static async Task Is(Func<bool> condition, string what)
    {
        CancellationToken ended = TestContext.Current.CancellationToken;
        for (int spin = 0; !condition(); spin++)
        {
            Assert.False(ended.IsCancellationRequested, $"never: {what}");

            // A timer's tick gives the processor to whoever is waited for; the time is not what is waited for.
            if (spin < 20)
                await Task.Yield();
            else
                await Task.Delay(1, CancellationToken.None);
        }
    }

    /// <summary>No reader holds anything of these connections.</summary>
    public static Task NothingIsLeased(params DpwaConnection[] connections) =>
        Is(() => !connections.Any(Inside.HoldsLeases), "every lease is given back");
}
