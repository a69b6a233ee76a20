using SharpFuzz;

namespace Dpwa.Fuzz.Engine;

/// <summary>Has SharpFuzz write into copies of assemblies that they tell which way they go. The same assembly always gives the same copy.</summary>
internal static class Instrumentation
{
    /// <summary>The code under test: ours, and that which reads YAML for us.</summary>
    private static readonly string[] Assemblies = ["Dpwa.dll", "YamlDotNet.dll"];

    /// <summary>Changes the assemblies of a folder in place. Nothing may have loaded them.</summary>
    public static void Apply(string folder)
    {
        // An option of SharpFuzz that it takes from the environment only: without it there is coverage, but no count of the work.
        Environment.SetEnvironmentVariable("SHARPFUZZ_ENABLE_ON_BRANCH_CALLBACK", "1");
        foreach (string assembly in Assemblies)
        {
            int types = SharpFuzz.Fuzzer.Instrument(Path.Combine(folder, assembly), static _ => true, Options.Value).Count();
            Console.WriteLine($"{assembly}: {types} types tell where they are");
        }
    }
}
