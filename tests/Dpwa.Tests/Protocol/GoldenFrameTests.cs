using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Dpwa.Exchange;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Tests.Support;
using Dpwa.Transport;

namespace Dpwa.Tests.Protocol;

/// <summary>
/// The bytes on the wire are those in <c>tests/vectors</c>. A vector that is missing is written when <c>DPWA_WRITE_VECTORS=1</c> is set; one that is
/// there is never rewritten: who changes the protocol deletes it on purpose.
/// </summary>
public class GoldenFrameTests
{
    private static readonly Regex Dump = new("^(?<at>[0-9a-f]{4})  (?<bytes>([0-9a-f]{2} )+) ", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    public static TheoryData<string> Names => [.. GoldenFrames.All.Select(f => f.Name)];

    public static TheoryData<string> Answerable => [.. GoldenFrames.All.Where(f => f.Header.Reason != RefusalReason.NotAuthenticated).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_message_is_encoded_to_exactly_the_golden_bytes(string name)
    {
        (_, MessageHeader header, byte[] body) = GoldenFrames.All.Single(f => f.Name == name);
        var connection = new MemoryConnection([]);
        await connection.SendAsync(body.Length == 0 ? new Message(header, null) : Message.With(header, new BytesPayload(body)));

        Assert.Equal(Golden(name, [.. connection.Output]), connection.Output);
        Assert.Equal(Frames.Of(header, body), connection.Output);
    }

    /// <summary>It is no answer, but ends the connection.</summary>
    [Fact]
    public async Task The_golden_refusal_of_an_identity_is_the_failure_that_it_tells()
    {
        byte[] golden = File.ReadAllBytes(FileOf("not-authenticated"));
        TransportException e = await Assert.ThrowsAsync<TransportException>(() => new MemoryConnection(golden).ReceiveAsync(new TestReceiver()).AsTask());
        Assert.Equal((FailureKind.NotAuthenticated, IdentityFault.Expired), (e.Failure.Kind, e.Failure.Identity));
    }

    [Theory]
    [MemberData(nameof(Answerable))]
    public async Task The_golden_bytes_are_decoded_to_the_message(string name)
    {
        (_, MessageHeader header, byte[] body) = GoldenFrames.All.Single(f => f.Name == name);
        byte[] golden = File.ReadAllBytes(FileOf(name));

        Message message = await new MemoryConnection(golden).ReceiveAsync(new TestReceiver());

        Assert.Equal(header with { BodyLength = (ulong)body.Length }, message.Header);
        Assert.Equal(body, message.Body?.Segment(0).ToArray() ?? []);
    }

    [Fact]
    public void Every_message_type_has_a_golden_frame() =>
        Assert.Equal(Enum.GetValues<MessageType>().Order(), GoldenFrames.All.Select(f => f.Header.Type).Distinct().Order());

    [Fact]
    public async Task A_model_is_sent_in_int8_as_exactly_the_golden_bytes()
    {
        (_, MessageHeader header, byte[] body) = GoldenFrames.All.Single(f => f.Name == "snapshot-int8");
        var snapshot = new Snapshot(GoldenFrames.Layout);
        GoldenFrames.SnapshotBody().CopyTo(snapshot.Segment(0));
        var connection = new MemoryConnection([]);
        await connection.SendAsync(new Message(header with { BodyLength = (ulong)body.Length }, snapshot.Lease()));
        Assert.Equal(File.ReadAllBytes(FileOf("snapshot-int8")), connection.Output);
    }

    [Fact]
    public void The_values_of_the_enumerations_are_those_of_the_protocol()
    {
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18], Enum.GetValues<MessageType>().Select(v => (int)v));
        Assert.Equal([0, 1, 2, 3], Enum.GetValues<ExchangeKind>().Select(v => (int)v));
        Assert.Equal([0, 1, 2], Enum.GetValues<OfferFate>().Select(v => (int)v));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Enum.GetValues<RefusalReason>().Select(v => (int)v));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Enum.GetValues<IdentityFault>().Select(v => (int)v));
        Assert.Equal([0, 1, 2, 3], Enum.GetValues<PayloadCodec>().Select(v => (int)v));
        Assert.Equal([1, 2, 3, 4], Enum.GetValues<ElementType>().Select(v => (int)v));
        Assert.Equal([1, 2], Enum.GetValues<TensorKind>().Select(v => (int)v));
    }

    /// <summary>The annotated dump in docs/protocol.md is that file, every byte of it but the runs of zeros.</summary>
    [Fact]
    public void The_example_in_the_documentation_is_the_golden_snapshot()
    {
        byte[] golden = File.ReadAllBytes(FileOf("snapshot"));
        string[] lines = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(FileOf("snapshot"))!, "..", "..", "docs", "protocol.md"));
        int described = 0;
        foreach (Match line in lines.Select(l => Dump.Match(l)).Where(m => m.Success))
        {
            int at = Convert.ToInt32(line.Groups["at"].Value, 16);
            byte[] bytes = Convert.FromHexString(line.Groups["bytes"].Value.Replace(" ", "", StringComparison.Ordinal));
            Assert.Equal(bytes, golden[at..(at + bytes.Length)]);
            golden.AsSpan(at, bytes.Length).Clear();
            described += bytes.Length;
        }

        Assert.InRange(described, MessageHeader.Size + 6 * 4, golden.Length);
        Assert.All(golden, b => Assert.Equal(0, b));
    }

    private static byte[] Golden(string name, byte[] encoded)
    {
        string file = FileOf(name);
        if (!File.Exists(file) && Environment.GetEnvironmentVariable("DPWA_WRITE_VECTORS") == "1")
        {
            File.WriteAllBytes(file, encoded);
            Assert.Fail($"{name}.bin was written; look at it, commit it, and run again");
        }

        return File.ReadAllBytes(file);
    }

    private static string FileOf(string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "vectors", name + ".bin"));
}
