using System.Diagnostics;

namespace Dpwa.Fuzz.Engine;

/// <summary>An input for which something does not hold.</summary>
/// <param name="Target">What it was given to.</param>
/// <param name="Input">The input.</param>
/// <param name="Kind">Tells this finding from others: the exception and where it came from.</param>
/// <param name="Text">What happened, for people.</param>
internal sealed record Finding(FuzzTarget Target, byte[] Input, string Kind, string Text)
{
    /// <summary>Gives an input to a target and sees to it that all promises are kept, those of work and memory too.</summary>
    /// <param name="target">The target.</param>
    /// <param name="input">The input.</param>
    /// <param name="accepted">Whether it was taken for valid.</param>
    public static Finding? Of(FuzzTarget target, byte[] input, out bool accepted)
    {
        accepted = false;
        Coverage.Begin(target.MostWork(input.Length));
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            accepted = target.Check(input);
        }
        catch (Exception e)
        {
            return new(target, input, $"{e.GetType().Name} at {Origin(e)}", e.ToString());
        }
        finally
        {
            Coverage.End();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long most = target.MostAllocated(input.Length);
        return allocated <= most ? null : new(target, input, "allocation", $"{allocated:N0} bytes were allocated for an input of {input.Length:N0}, where {most:N0} are the most");
    }

    /// <summary>The innermost method of the code under test; of a hang none, since it may be cut anywhere.</summary>
    private static string Origin(Exception e)
    {
        if (e is EndlessWorkException)
            return "any branch";
        if (e is BrokenPromiseException)
            return e.Message;
        foreach (StackFrame frame in new StackTrace(e, fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is { DeclaringType.FullName: { } type } method && !type.StartsWith("System.", StringComparison.Ordinal))
                return $"{type}.{method.Name}";
        }

        return "an unknown place";
    }

    /// <summary>The smallest input that is found to give the same, by leaving out parts and by writing zeros.</summary>
    /// <param name="attempts">How many inputs are tried at most.</param>
    public Finding Shrunk(int attempts = 2000)
    {
        Finding best = this;
        for (int size = Math.Max(1, Input.Length / 2); size > 0 && attempts > 0; size /= 2)
        {
            for (int at = 0; at + size <= best.Input.Length && attempts > 0;)
            {
                Finding? smaller = Tried([.. best.Input[..at], .. best.Input[(at + size)..]]) ?? Zeroed(best.Input, at, size);
                attempts -= 2;
                bool isShorter = smaller?.Input.Length < best.Input.Length;
                best = smaller ?? best;
                if (!isShorter)
                    at += size;
            }
        }

        return best;

        Finding? Zeroed(byte[] input, int at, int size)
        {
            if (input.AsSpan(at, size).IndexOfAnyExcept((byte)0) < 0)
                return null;
            byte[] zeroed = [.. input];
            zeroed.AsSpan(at, size).Clear();
            return Tried(zeroed);
        }

        Finding? Tried(byte[] input) => Of(Target, input, out _) is { } finding && finding.Kind == Kind ? finding : null;
    }
}
