using System.Diagnostics;

namespace Dpwa.TorchSharp.Tests.Loading;

/// <summary>What a user gets: a program that references the packed package, and knows nothing of the loader, makes a tensor.</summary>
public sealed class PackageTests : IDisposable
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif
    private readonly string _root = Directory.CreateTempSubdirectory("dpwa-package-test").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_program_that_references_the_package_makes_a_tensor_without_a_call()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The loader is for Linux.");
        string native = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        Assert.SkipUnless(File.Exists(Path.Combine(native, "libtorch.so")), "libtorch is not beside the tests.");
        string repository = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(repository, "Dpwa.slnx")))
            repository = Path.GetDirectoryName(repository) ?? throw new InvalidOperationException("The tests do not run inside the repository.");

        foreach (string project in new[] { "Dpwa", "Dpwa.TorchSharp" })
            Run(repository, "dotnet", "pack", $"src/{project}", "--no-build", "-c", Configuration, "-o", Path.Combine(_root, "source"), "-p:Version=0.0.1-test");
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Write("nuget.config", $"""
            <configuration><packageSources><clear/><add key="new" value="{_root}/source"/><add key="cached" value="{cache}"/></packageSources></configuration>
            """);
        Write("user.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <AnalysisMode>All</AnalysisMode>
                <NoWarn>NU1603</NoWarn>
                <RestorePackagesPath>{_root}/packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Dpwa.TorchSharp" Version="0.0.1-test" /></ItemGroup>
            </Project>
            """);
        Write("program.cs", """
            using System.Globalization;
            using TorchSharp;

            System.Console.WriteLine(torch.ones(3).sum().item<float>().ToString(CultureInfo.InvariantCulture));
            """);
        string output = Path.Combine(_root, "out");
        Run(_root, "dotnet", "build", "user.csproj", "-o", output);

        // libtorch has hundreds of megabytes: the program borrows that of the tests.
        Directory.Delete(Path.Combine(output, "runtimes", "linux-x64"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(output, "runtimes", "linux-x64"), Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64"));
        Assert.Equal("3", Run(output, Path.Combine(output, "user")).Trim());
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_root, file), text);

    private static string Run(string directory, string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The test runner's settings are not the user's.
        foreach (string variable in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k == "CI").ToList())
            start.Environment.Remove(variable);
        start.Environment["LD_LIBRARY_PATH"] = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{errors.Result}");
        return output;
    }
}
