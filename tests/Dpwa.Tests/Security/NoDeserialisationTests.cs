using System.Text;
using Dpwa.Tests.Architecture;
using Mono.Cecil;

namespace Dpwa.Tests.Security;

/// <summary>The original unpickled what came, which is to run it. Here bytes become numbers, text and layouts, and nothing else.</summary>
public class NoDeserialisationTests
{
    /// <summary>What makes types, objects of a named type, or code.</summary>
    private static readonly string[] Makers =
    [
        "System.Activator::", "System.Type::GetType(", "System.Type::InvokeMember(", "System.Reflection.Assembly::Load", "System.Reflection.Assembly::GetType(", "System.Reflection.MethodBase::Invoke(", "System.Reflection.Emit.",
        "System.Linq.Expressions.", "System.Runtime.Loader.", "System.Runtime.Serialization.", "System.Text.Json.JsonSerializer", "System.Xml.Serialization.", "YamlDotNet.Serialization.",
        "System.Runtime.CompilerServices.RuntimeHelpers::GetUninitializedObject(", "System.Runtime.InteropServices.NativeLibrary::",
    ];

    /// <summary>A status is JSON, read into its own records by code that the compiler has written (a source-generated context): what comes can name no type.</summary>
    private static readonly string[] ReadsOneKnownType = ["Dpwa.NodeStatus", "Dpwa.StatusJson"];

    [Fact]
    public void The_library_makes_no_types_from_data()
    {
        using ModuleDefinition module = CodeReader.Read(typeof(DpwaConnection));
        Assert.Empty(Found(module.Types.Where(type => !ReadsOneKnownType.Contains(type.FullName))));
    }

    [Fact]
    public void What_makes_types_is_found()
    {
        using ModuleDefinition module = CodeReader.Read(typeof(MakesTypes));
        Assert.Equal(2, Found([module.GetType(typeof(MakesTypes).FullName!.Replace('+', '/'))]).Length);
    }

    private static string[] Found(IEnumerable<TypeDefinition> types) =>
        [.. types.SelectMany(CodeReader.Mentions).Where(m => Makers.Any(maker => m.Name.StartsWith(maker, StringComparison.Ordinal))).Select(m => $"{m.Name} in {m.Where}")];

    private static class MakesTypes
    {
        public static object? Do(byte[] received) => Activator.CreateInstance(Type.GetType(Encoding.UTF8.GetString(received))!);
    }
}
