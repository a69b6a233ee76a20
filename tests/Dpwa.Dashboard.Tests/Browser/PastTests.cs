using Dpwa.Dashboard.Storage;
using Dpwa.Dashboard.Tests.Support;
using Dpwa.Dashboard.Watching;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dpwa.Dashboard.Tests.Browser;

/// <summary>The page while nobody trains.</summary>
public sealed class PastTests(Chromium chromium) : IClassFixture<Chromium>
{
    private readonly List<string> _complaints = [];

    [Fact(Timeout = 120_000)]
    public async Task Before_the_first_worker_it_says_what_it_waits_for()
    {
        using var folder = new TemporaryFolder();
        await using DashboardServer server = await Start(folder);
        IPage page = await chromium.OpenAsync(server.Address.AbsoluteUri, _complaints);
        await Expect(page.Locator("#notice")).ToContainTextAsync("No worker answers yet");
        await Expect(page.Locator("#live")).ToHaveTextAsync("Waiting for workers");
        await Expect(page.Locator("tr[data-state=waiting]")).ToHaveCountAsync(2);
        await Expect(page.Locator("#loss .empty")).ToHaveTextAsync("No loss has been told yet.");
        Assert.Empty(_complaints);
    }

    [Fact(Timeout = 120_000)]
    public async Task Runs_of_the_past_are_shown_and_compared()
    {
        using var folder = new TemporaryFolder();
        using (RunStore store = RunStore.Open(folder.File("runs.db")))
        {
            var recorder = new RunRecorder(store, "dpwa.yaml", ["w1", "w2"]);
            foreach (int life in (int[])[1, 2])
            {
                for (int s = 0; s < 60; s++)
                    recorder.Add(Views.At(life * 100 + s, Views.Running("w1", (ulong)life, s, life * 10.0 / (s + 1)), Views.Running("w2", (ulong)life, s, life * 9.0 / (s + 1))));
            }
        }

        await using DashboardServer server = await Start(folder);
        IPage page = await chromium.OpenAsync(server.Address.AbsoluteUri, _complaints);
        await Expect(page.Locator("#live")).ToHaveTextAsync("Waiting for workers");
        ILocator began = page.Locator("#tiles div:nth-child(2) .more");
        await Expect(began).ToHaveTextAsync("began at 19");
        await page.SelectOptionAsync("#run", "1");
        await Expect(began).ToHaveTextAsync("began at 9.5");
        await Expect(page.Locator("#run")).ToHaveValueAsync("1");
        await page.SelectOptionAsync("#other", "2");
        await page.Locator("button.log[data-chart=loss]").ClickAsync();
        await page.Locator("tr[data-worker=w2]").ClickAsync();
        await Expect(page.Locator("tr[aria-selected=true]")).ToHaveCountAsync(1);
        await Expect(page.Locator("#loss canvas").First).ToBeVisibleAsync();
        Assert.Empty(_complaints);
    }

    private async Task<DashboardServer> Start(TemporaryFolder folder)
    {
        DashboardServer server = await DashboardServer.StartAsync(new() { Title = "dpwa.yaml", Nodes = ["w1", "w2"], Data = folder.File("runs.db"), Port = 0 });
        await server.WatchAsync(new[] { Views.At(1000, Views.Silent("w1"), Views.Silent("w2")) }.ToAsyncEnumerable(), TestContext.Current.CancellationToken);
        return server;
    }
}
