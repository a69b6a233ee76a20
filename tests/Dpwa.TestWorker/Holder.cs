namespace Dpwa.TestWorker;

/// <summary>A worker that stops for ever in the middle of mixing, with its peer's snapshot in its hands.</summary>
internal sealed class Holder(int length) : IParameterSet
{
    private readonly byte[] _values = new byte[length * sizeof(float)];
    private bool _hasPublished;

    public ParameterLayout Layout { get; } = ParameterLayout.Flat(length);

    /// <summary>Asks the node at a port of this machine until its parameters come, and holds them.</summary>
    public static void Run(int port, int length)
    {
        var options = new DpwaOptions
        {
            Nodes = [new DpwaNode("w2", "127.0.0.1", 0), new DpwaNode("w1", "127.0.0.1", port)],
            Transport = TransportChoice.SharedMemory,
        };
        using var node = new DpwaConnection("w2", options, new Holder(length));
        while (true)
        {
            node.UpdateSend(1);
            UpdateResult result = node.UpdateWait(1);
            if (result.Reason is { } reason)
                LineLogs.Say(reason);
        }
    }

    public Span<byte> Segment(int index)
    {
        // The first call of a step publishes, the second mixes.
        if (_hasPublished)
        {
            LineLogs.Say("holding");
            Thread.Sleep(Timeout.Infinite);
        }

        _hasPublished = true;
        return _values;
    }
}
