using System.Text.RegularExpressions;
using Dpwa.Dashboard.Export;
using Dpwa.Dashboard.Storage;
using Dpwa.Dashboard.Tests.Support;
using Dpwa.Tests.Shared;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dpwa.Dashboard.Tests.Browser;

/// <summary>The page in a browser, against workers that train.</summary>
public sealed partial class PageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private readonly List<string> _complaints = [];

    [Fact(Timeout = 240_000)]
    public async Task It_shows_a_run_live_and_what_becomes_of_a_worker_and_the_past_after_a_reload()
    {
        await using LiveCluster cluster = await LiveCluster.StartAsync(4);
        IPage page = await chromium.OpenAsync(cluster.Address, _complaints, height: 1480);
        await Expect(page.Locator("tr[data-state=running]")).ToHaveCountAsync(4);
        await page.WaitForSelectorAsync("#live[data-state=live]");
        // Edges shine, and exchanges are counted.
        await page.WaitForSelectorAsync("#exchanges[data-lit]:not([data-lit='0'])");
        await Expect(page.Locator("tr[data-worker=w1] td:nth-child(8)")).ToHaveTextAsync(TakesPictures ? Thousands() : Hundreds(), new() { Timeout = 200_000 });
        await Picture(page, "dashboard-light");

        cluster.Kill("w3");
        // A round a second: that of before, that which was under way, and that which finds it. None takes longer than a second.
        Assert.InRange(await cluster.RoundsUntilAsync("w3", "silent", TestContext.Current.CancellationToken), 1, 3);
        await page.WaitForSelectorAsync("tr[data-worker=w3][data-state=silent]");
        ILocator died = page.Locator("#events li[data-kind=silent]");
        Assert.Contains("w3 does not answer", await died.First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("3 of 4", await page.Locator("#tiles div").First.Locator("dd").First.InnerTextAsync());

        cluster.Start("w3");
        await page.WaitForSelectorAsync("tr[data-worker=w3][data-state=running]");
        Assert.Contains("w3 was started again", await page.Locator("#events li[data-kind=started]").First.InnerTextAsync(), StringComparison.Ordinal);

        await page.ReloadAsync();
        await page.WaitForSelectorAsync("#live[data-state=live]");
        Assert.Contains("w3 does not answer", await died.First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.True(await page.EvaluateAsync<bool>("Number(document.querySelector('#tiles div:nth-child(6) .more').textContent.replace(/\\D/g, '')) > 100"));
        Assert.Empty(_complaints);
    }

    [Fact(Timeout = 240_000)]
    public async Task It_fits_a_phone_in_the_dark_and_a_report_is_the_same_page()
    {
        await using LiveCluster cluster = await LiveCluster.StartAsync(4);
        IPage phone = await chromium.OpenAsync(cluster.Address, _complaints, width: 390, height: 844, scheme: ColorScheme.Dark);
        IPage wide = await chromium.OpenAsync(cluster.Address, _complaints, height: 1480, scheme: ColorScheme.Dark);
        await Expect(phone.Locator("tr[data-state=running]")).ToHaveCountAsync(4);
        await Expect(wide.Locator("tr[data-worker=w1] td:nth-child(8)")).ToHaveTextAsync(TakesPictures ? Thousands() : Hundreds(), new() { Timeout = 200_000 });
        cluster.Kill("w2");
        await phone.WaitForSelectorAsync("tr[data-worker=w2][data-state=silent]");
        await wide.WaitForSelectorAsync("tr[data-worker=w2][data-state=silent]");
        Assert.Equal(390, await phone.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Picture(phone, "dashboard-phone", height: 1500);
        await Picture(wide, "dashboard-dark");

        using var folder = new TemporaryFolder();
        string file = folder.File("report.html");
        await using (StreamWriter output = File.CreateText(file))
            Assert.True(ReportWriter.Write(new RunReader(cluster.Data), 1, output));
        IPage report = await chromium.OpenAsync($"file://{file}", _complaints, height: 1480);
        await report.WaitForSelectorAsync("#live[data-state=report]");
        Assert.Equal(4, await report.Locator("tbody tr").CountAsync());
        Assert.Contains("w2 does not answer", await report.Locator("#events").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(_complaints);
    }

    [Fact(Timeout = 300_000)]
    public async Task Sixty_four_workers_do_not_make_it_fall_behind()
    {
        await using LiveCluster cluster = await LiveCluster.StartAsync(64, inProcess: 16, stepMilliseconds: 1000);
        IPage page = await chromium.OpenAsync(cluster.Address, _complaints, height: 1480);
        await Expect(page.Locator("tr[data-state=running]")).ToHaveCountAsync(64);
        await page.WaitForSelectorAsync("#exchanges[data-lit]:not([data-lit='0'])");
        TimeSpan before = Environment.CpuUsage.TotalTime;
        // Ten rounds, one a second, however slow the frames are: each must have been heard, and drawn by its end.
        var frames = await page.EvaluateAsync<double[]>(
            """
            () => new Promise((done) => {
              const events = new EventSource("api/live");
              const frames = [], ids = [];
              let last = performance.now();
              const frame = (now) => {
                frames.push(now - last);
                last = now;
                if (ids.length <= 10) return requestAnimationFrame(frame);
                events.close();
                frames.sort((a, b) => a - b);
                done([ids.at(-1) - ids[0], frames.length, frames[Math.floor(frames.length / 2)], frames[Math.floor(frames.length * 0.95)], frames.at(-1)]);
              };
              events.onmessage = (message) => ids.push(Number(message.lastEventId));
              requestAnimationFrame(frame);
            })
            """);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{frames[1]} frames in ten rounds; milliseconds a frame: median {frames[2]:0.0}, 95th of 100 {frames[3]:0.0}, longest {frames[4]:0.0}; CPU of watch and server {(Environment.CpuUsage.TotalTime - before).TotalMilliseconds:0} ms");
        Assert.Equal(10, frames[0]);
        Assert.Empty(_complaints);
    }

    [GeneratedRegex(@"^(\d{3}|[\d,]{5,})$")]
    private static partial Regex Hundreds();

    [GeneratedRegex(@"^[\d,]{5,}$")]
    private static partial Regex Thousands();

    /// <summary>Whether docs/images is written: pictures of each run differ.</summary>
    private static bool TakesPictures { get; } = Environment.GetEnvironmentVariable("DPWA_PICTURES") is not null;

    private static async Task Picture(IPage page, string name, int? height = null)
    {
        if (!TakesPictures)
            return;
        Clip? part = height is { } px ? new Clip { Width = page.ViewportSize!.Width, Height = px } : null;
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "docs", "images", $"{name}.png"), FullPage = true, Clip = part });
    }
}
