using Dpwa.Launch.Processes;

namespace Dpwa.Cli.Tests;

public class ProcessIdentityTests
{
    [Fact]
    public void We_are_alive() => Assert.True(ProcessIdentity.Own().IsAlive);

    [Fact]
    public void Another_process_of_the_same_id_is_not_the_one_that_was_meant() => Assert.False((ProcessIdentity.Own() with { Started = "earlier" }).IsAlive);

    [Fact]
    public void A_process_that_does_not_exist_has_no_identity() => Assert.Null(ProcessIdentity.Of(int.MaxValue));
}
