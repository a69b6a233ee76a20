using Microsoft.Playwright;

namespace Dpwa.Dashboard.Tests.Browser;

/// <summary>The system's browser, for all tests that need one.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Opens a window; what its page complains of is put into <paramref name="complaints"/>, and so is every address that is not the dashboard's.</summary>
    public async Task<IPage> OpenAsync(string address, List<string> complaints, int width = 1440, int height = 1000, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipWhen(_browser is null, "There is no chromium here: tests/browser.sh installs it.");
        IBrowserContext context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, DeviceScaleFactor = width < 700 ? 2 : 1, Locale = "en-GB" });
        IPage page = await context.NewPageAsync();
        page.Console += (_, message) => { if (message.Type is "error" or "warning") complaints.Add(message.Text); };
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) => { if (!request.Url.StartsWith(address, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)) complaints.Add($"asked {request.Url}"); };
        await page.GotoAsync(address);
        return page;
    }

    public async ValueTask InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is not { } place)
            return;
        // A machine that does much else is slow; what never comes fails all the same.
        Assertions.SetDefaultExpectTimeout(60_000);
        _playwright = await Playwright.CreateAsync();
        // Its sandbox does not work for root, and the only page that is opened is ours.
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = place, Args = ["--no-sandbox"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.CloseAsync();
        _playwright?.Dispose();
    }
}
