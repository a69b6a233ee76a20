using Dpwa.Fuzz.Engine;
using Dpwa.Fuzz.Targets.Files;
using Dpwa.Fuzz.Targets.Frames;
using Dpwa.Fuzz.Targets.Sessions;

namespace Dpwa.Fuzz.Targets;

/// <summary>Everything that reads what it cannot trust.</summary>
internal static class AllTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FrameTarget(), new LayoutTarget(), new GreetingTarget(), new PayloadTarget(), new SharedMemoryTarget(), new ServerTarget(), new ClientTarget(),
        new ConfigurationTarget(), new ConfigurationFileTarget(), new CheckpointHeaderTarget(), new CheckpointTarget(),
    ];

    public static IEnumerable<FuzzTarget> Supported => All.Where(t => t.IsSupported);

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(t => t.Name == name);
}
