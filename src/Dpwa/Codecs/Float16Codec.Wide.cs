using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dpwa.Codecs;

/// <content>The same with 512 bits, which <c>Vector</c> does not use by itself: the 16-bit types are mixed in the cache, and there it is nearly twice as fast.</content>
internal static partial class Float16Codec
{
    /// <summary>Encodes as many values as whole vectors have. Gives how many; 0 where the processor has no such vectors.</summary>
    private static int EncodeWide(ReadOnlySpan<float> values, Span<ushort> destination)
    {
        if (!Vector512.IsHardwareAccelerated)
            return 0;
        ref float from = ref MemoryMarshal.GetReference(values);
        ref ushort to = ref MemoryMarshal.GetReference(destination[..values.Length]);
        int i = 0;
        for (; i <= values.Length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            Vector512<uint> low = Encode(Vector512.LoadUnsafe(ref from, (nuint)i));
            Vector512<uint> high = Encode(Vector512.LoadUnsafe(ref from, (nuint)(i + Vector512<float>.Count)));
            Vector512.Narrow(low, high).StoreUnsafe(ref to, (nuint)i);
        }

        return i;
    }

    private static int DecodeWide(ReadOnlySpan<ushort> encoded, Span<float> values)
    {
        if (!Vector512.IsHardwareAccelerated)
            return 0;
        ref ushort from = ref MemoryMarshal.GetReference(encoded);
        ref float to = ref MemoryMarshal.GetReference(values[..encoded.Length]);
        int i = 0;
        for (; i <= encoded.Length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            (Vector512<uint> low, Vector512<uint> high) = Vector512.Widen(Vector512.LoadUnsafe(ref from, (nuint)i));
            Decode(low).StoreUnsafe(ref to, (nuint)i);
            Decode(high).StoreUnsafe(ref to, (nuint)(i + Vector512<float>.Count));
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Encode(Vector512<float> values)
    {
        Vector512<int> bits = values.AsInt32();
        Vector512<int> magnitude = bits & Vector512.Create(Magnitude);
        Vector512<int> capped = Vector512.Min(magnitude, Vector512.Create(Largest));
        Vector512<int> normal = (capped + Vector512.Create(Rebias) + ((capped >>> 13) & Vector512<int>.One)) >>> 13;
        Vector512<int> subnormal = (capped.AsSingle() + Vector512.Create(Half)).AsInt32() - Vector512.Create(HalfBits);
        Vector512<int> finite = Vector512.ConditionalSelect(Vector512.LessThan(capped, Vector512.Create(SmallestNormal)), subnormal, normal);
        Vector512<int> special = Vector512.Create(Infinity16) | (Vector512.GreaterThan(magnitude, Vector512.Create(Infinity)) & Vector512.Create(Quiet16));
        Vector512<int> value = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(Infinity)), finite, special);
        return (value | ((bits >>> 16) & Vector512.Create(0x8000))).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Decode(Vector512<uint> encoded)
    {
        Vector512<int> bits = encoded.AsInt32();
        Vector512<int> shifted = (bits & Vector512.Create(0x7FFF)) << 13;
        Vector512<int> normal = shifted + Vector512.Create(Bias);
        Vector512<int> subnormal = ((shifted + Vector512.Create(SubnormalBias)).AsSingle() - Vector512.Create(SubnormalBias).AsSingle()).AsInt32();
        Vector512<int> finite = Vector512.ConditionalSelect(Vector512.LessThan(shifted, Vector512.Create(SmallestNormal16Shifted)), subnormal, normal);
        Vector512<int> value = Vector512.ConditionalSelect(Vector512.LessThan(shifted, Vector512.Create(Infinity16Shifted)), finite, shifted + Vector512.Create(2 * Bias));
        return (value | ((bits & Vector512.Create(0x8000)) << 16)).AsSingle();
    }
}
