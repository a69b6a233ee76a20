using System.Globalization;
using Dpwa.Fuzz.Engine;
using Dpwa.Fuzz.Targets;

// dotnet Dpwa.Fuzz.dll instrument FOLDER
// dotnet Dpwa.Fuzz.dll run SECONDS SEED [TARGET...]
// dotnet Dpwa.Fuzz.dll keep SECONDS SEED [TARGET...]: as run, and the inputs that lead furthest are kept in the corpus.
// What tests/fuzz.sh calls.
switch (args)
{
    case ["instrument", string folder]:
        Instrumentation.Apply(folder);
        return 0;
    case ["run" or "keep", string seconds, string seed, .. string[] names]
        when double.TryParse(seconds, CultureInfo.InvariantCulture, out double time) && int.TryParse(seed, CultureInfo.InvariantCulture, out int number) && names.All(n => AllTargets.Find(n) is not null):
        FuzzTarget[] targets = names.Length == 0 ? [.. AllTargets.Supported] : [.. names.Select(n => AllTargets.Find(n)!)];
        return new LongRun(TimeSpan.FromSeconds(time), number, Console.Out) { Keeps = args[0] == "keep" }.Of(targets) ? 0 : 1;
    default:
        Console.Error.WriteLine($"What to do: instrument FOLDER, or run SECONDS SEED [TARGET...]. Targets: {string.Join(", ", AllTargets.All.Select(t => t.Name))}.");
        return 2;
}
