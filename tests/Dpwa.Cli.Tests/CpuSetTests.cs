using Dpwa.Launch.Cpus;

namespace Dpwa.Cli.Tests;

public class CpuSetTests
{
    [Theory]
    [InlineData("0-7", 2, "0-3|4-7")]
    [InlineData("0-7", 3, "0-2|3-5|6-7")]
    [InlineData("0-1", 2, "0|1")]
    [InlineData("0-1", 5, "0|1|0|1|0")]
    [InlineData("2,5,9", 2, "2,5|9")]
    [InlineData("3", 2, "3|3")]
    [InlineData("0-3", 1, "0-3")]
    public void Cpus_are_shared_out_evenly_and_in_turn_when_there_are_too_few(string cpus, int workers, string shares) =>
        Assert.Equal(shares, string.Join('|', CpuSet.Parse(cpus).ShareOut(workers)));

    [Theory]
    [InlineData("0")]
    [InlineData("0-3,8,10-11")]
    public void The_text_of_a_set_reads_back(string text) => Assert.Equal(text, CpuSet.Parse(text).ToString());

    [Fact]
    public void No_cpus_are_no_set() => Assert.Throws<ArgumentException>(() => new CpuSet([]));

    [Fact]
    public void This_process_has_as_many_cpus_as_it_may_use_or_more() => Assert.True(Affinity.Own().Count >= Environment.ProcessorCount);

    [Fact]
    public void A_worker_has_a_thread_for_each_cpu_at_most_and_one_at_least()
    {
        var own = Affinity.Own();

        Assert.InRange(Affinity.Threads(own, 1), 1, own.Count);
        Assert.Equal(1, Affinity.Threads(new CpuSet([own.Cpus[0]]), 1_000));
    }
}
