using System.Diagnostics;
using System.Text.Json;
using Dpwa.Dashboard.Tests.Support;
using Dpwa.Tests.Shared;

namespace Dpwa.Dashboard.Tests;

/// <summary>The chart library that is served is the one that package-lock.json names, with its licence.</summary>
public sealed class VendorTests
{
    private static readonly string Project = Path.Combine(Repository.Root, "src", "Dpwa.Dashboard");

    [Fact]
    public void It_has_the_version_of_the_lock_file_and_its_licence()
    {
        string lockFile = File.ReadAllText(Path.Combine(Project, "package-lock.json"));
        Assert.DoesNotContain("\"resolved\"", lockFile, StringComparison.Ordinal);
        using JsonDocument parsed = JsonDocument.Parse(lockFile);
        string version = parsed.RootElement.GetProperty("packages").GetProperty("node_modules/echarts").GetProperty("version").GetString()!;
        Assert.Contains($"\"{version}\"", File.ReadAllText(Served("echarts.js")), StringComparison.Ordinal);
        Assert.Contains("Apache License", File.ReadAllText(Served("echarts.LICENSE")), StringComparison.Ordinal);
        Assert.Contains("BSD 3-Clause", File.ReadAllText(Served("zrender.LICENSE")), StringComparison.Ordinal);
    }

    [Fact(Timeout = 300_000)]
    public async Task It_is_what_npm_installs_byte_by_byte()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in (string[])["package.json", "package-lock.json", ".npmrc", "vendor.mjs"])
            File.Copy(Path.Combine(Project, file), folder.File(file));
        Directory.CreateDirectory(folder.File("wwwroot/vendor"));
        Assert.SkipUnless(await Run(folder.Path, "npm", "ci", "--ignore-scripts"), "npm is not installed, or reaches no registry.");
        Assert.True(await Run(folder.Path, "npm", "run", "vendor"));
        foreach (string file in Directory.GetFiles(folder.File("wwwroot/vendor")))
            Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), await File.ReadAllTextAsync(Served(Path.GetFileName(file)), TestContext.Current.CancellationToken));
    }

    private static string Served(string file) => Path.Combine(Project, "wwwroot", "vendor", file);

    private static async Task<bool> Run(string folder, string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            await Task.WhenAll(process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
