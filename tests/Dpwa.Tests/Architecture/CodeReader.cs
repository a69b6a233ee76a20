using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dpwa.Tests.Architecture;

/// <summary>What the types of an assembly refer to, by its compiled code.</summary>
internal static class CodeReader
{
    public static ModuleDefinition Read(Type of) => ModuleDefinition.ReadModule(of.Assembly.Location);

    /// <summary>Every member that a type mentions, with nested and compiler-made types counted to it: (where, full name of type or member).</summary>
    public static IEnumerable<(string Where, string Name)> Mentions(TypeDefinition type)
    {
        string where = type.FullName;
        foreach (TypeReference t in Signature(type))
            yield return (where, Plain(t));
        foreach (MethodDefinition method in type.Methods)
        {
            foreach (TypeReference t in Signature(method))
                yield return ($"{where}.{method.Name}", Plain(t));
            foreach (Instruction instruction in method.HasBody ? method.Body.Instructions : [])
            {
                foreach (string name in Operand(instruction.Operand))
                    yield return ($"{where}.{method.Name}", name);
            }
        }

        foreach ((string Where, string Name) nested in type.NestedTypes.SelectMany(Mentions))
            yield return nested;
    }

    private static IEnumerable<TypeReference> Signature(TypeDefinition type) =>
    [
        .. Parts(type.BaseType), .. type.Interfaces.SelectMany(i => Parts(i.InterfaceType)), .. type.Fields.SelectMany(f => Parts(f.FieldType)),
        .. type.CustomAttributes.Select(a => a.AttributeType),
    ];

    private static IEnumerable<TypeReference> Signature(MethodDefinition method) =>
    [
        .. Parts(method.ReturnType), .. method.Parameters.SelectMany(p => Parts(p.ParameterType)),
        .. method.HasBody ? method.Body.Variables.SelectMany(v => Parts(v.VariableType)) : [], .. method.CustomAttributes.Select(a => a.AttributeType),
    ];

    private static IEnumerable<string> Operand(object? operand) => operand switch
    {
        MethodReference m => [$"{Plain(m.DeclaringType)}::{m.Name}({m.Parameters.Count})", .. Parts(m.DeclaringType).Concat(Parts(m.ReturnType)).Select(Plain),
            .. m is GenericInstanceMethod g ? g.GenericArguments.SelectMany(Parts).Select(Plain) : []],
        FieldReference f => [$"{Plain(f.DeclaringType)}::{f.Name}", .. Parts(f.FieldType).Select(Plain)],
        TypeReference t => Parts(t).Select(Plain),
        _ => [],
    };

    /// <summary>A type and what it is made of: element and argument types.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType g => [g.ElementType, .. g.GenericArguments.SelectMany(Parts)],
        TypeSpecification s => Parts(s.ElementType),
        _ => [type],
    };

    private static string Plain(TypeReference type) => type.GetElementType().FullName.Replace('/', '.');
}
