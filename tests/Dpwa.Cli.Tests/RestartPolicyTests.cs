using Dpwa.Launch.Workers;

namespace Dpwa.Cli.Tests;

public class RestartPolicyTests
{
    [Fact]
    public void The_delay_doubles_up_to_its_limit() =>
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 7).Select(inRow => RestartPolicy.OnFailure.Delay(inRow).TotalSeconds));

    [Fact]
    public void Even_after_very_many_restarts_the_delay_is_the_limit() => Assert.Equal(30, RestartPolicy.OnFailure.Delay(5_000).TotalSeconds);
}
