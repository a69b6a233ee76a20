using System.Text.Json;
using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests;

public sealed class DashboardCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = TestLimits.Milliseconds)]
    public async Task It_says_where_it_is_and_ends_when_it_is_asked_to()
    {
        await (await DpwaCommand.RunAsync(_folder.Location, "init", "--workers", "2")).DisposeAsync();
        await using var dashboard = DpwaCommand.Start(_folder.Location, "dashboard", "--port", "0", "--json");
        using var said = JsonDocument.Parse(await dashboard.Output.FirstAsync(line => line.StartsWith('{')));
        using var client = new HttpClient();
        var address = new Uri(said.RootElement.GetProperty("url").GetString()!);
        Assert.Contains("\"nodes\":[\"w1\",\"w2\"]", await client.GetStringAsync(new Uri(address, "api/cluster"), TestContext.Current.CancellationToken));
        Assert.True(File.Exists(Path.Combine(_folder.Location, ".dpwa", "runs.db")));
        await dashboard.SignalAsync("TERM");
        Assert.Equal(0, await dashboard.ExitCodeAsync());
    }

    [Theory(Timeout = TestLimits.Milliseconds)]
    [InlineData("'dpwa dashboard' keeps them", "--export", "report.html")]
    [InlineData("'nowhere' is none", "--listen", "nowhere")]
    [InlineData("missing.yaml", "missing.yaml")]
    public async Task What_cannot_be_done_is_said_in_words(string expected, params string[] arguments)
    {
        if (arguments is ["--listen", ..]) await (await DpwaCommand.RunAsync(_folder.Location, "init", "--workers", "2")).DisposeAsync();
        await using var dashboard = await DpwaCommand.RunAsync(_folder.Location, ["dashboard", .. arguments]);
        Assert.NotEqual(0, dashboard.ExitCode);
        Assert.Contains(expected, dashboard.ErrorText);
        Assert.DoesNotContain("   at ", dashboard.ErrorText);
    }
}
