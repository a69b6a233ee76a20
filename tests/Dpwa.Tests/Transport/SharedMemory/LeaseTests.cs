using System.Runtime.Versioning;
using Dpwa.Protocol;
using Dpwa.Snapshots;
using Dpwa.Transport.SharedMemory;

namespace Dpwa.Tests.Transport.SharedMemory;

/// <summary>Who holds what, and what becomes of it when one side goes.</summary>
[SupportedOSPlatform("linux")]
public class LeaseTests
{
    /// <summary>No process has this id: Linux's end at 4,194,304.</summary>
    private const int Nobody = (1 << 24) - 1;

    [Fact]
    public void Nothing_is_read_before_something_is_published()
    {
        using var scene = new SharedScene();
        (SharedReader reader, _) = scene.Reader();
        Assert.Equal((MessageType.Refusal, RefusalReason.NotReady), Answer(reader));
        scene.Publish(3);
        Message message = reader.Fetch(SharedScene.Request);
        Assert.Equal((MessageType.Snapshot, 3.0, 1UL), (message.Header.Type, message.Header.Clock, message.Header.Sequence));
        Assert.Equal(-1, SharedScene.Values(message.Body!).IndexOfAnyExcept(3f));
        message.Release();
    }

    [Fact]
    public void A_reader_holds_one_snapshot_and_the_publisher_goes_on_with_the_other_two()
    {
        using var scene = new SharedScene();
        (SharedReader reader, _) = scene.Reader();
        scene.Publish(1);
        Message held = reader.Fetch(SharedScene.Request);
        Assert.Equal((MessageType.Refusal, RefusalReason.Busy), Answer(reader));
        for (int value = 2; value < 10; value++)
            Assert.True(scene.Publish(value));
        Assert.Equal(-1, SharedScene.Values(held.Body!).IndexOfAnyExcept(1f));
        held.Release();
        Assert.Equal(9.0, Read(reader));
    }

    /// <summary>Between a reader's look at what is published and its lease, the publisher may come round to that snapshot again.</summary>
    [Fact]
    public void A_reader_that_comes_too_late_to_a_snapshot_lets_it_be()
    {
        using var scene = new SharedScene();
        (SharedReader reader, SharedGrant grant) = scene.Reader();
        scene.Publish(1);
        ulong seen = scene.Board(grant).Published;
        scene.Publish(2);
        Assert.False(reader.TryHold(seen));
        Assert.True(scene.Publish(3));
        Assert.True(scene.Publish(4));
        Assert.False(reader.TryHold(seen));
        Assert.Equal(4.0, Read(reader));
    }

    [Fact]
    public void When_readers_hold_all_nothing_is_published_until_one_gives_back()
    {
        using var scene = new SharedScene();
        var held = new List<Message>();
        for (int value = 1; value <= SnapshotStore.Count; value++)
        {
            Assert.True(scene.Publish(value));
            held.Add(scene.Reader().Reader.Fetch(SharedScene.Request));
        }

        Assert.False(scene.Publish(5));
        Assert.Equal([1, 2, 3, 4], held.Select(m => SharedScene.Values(m.Body!)[999]));
        held[0].Release();
        Assert.True(scene.Publish(6));
        Assert.Equal([2, 3, 4], held.Skip(1).Select(m => SharedScene.Values(m.Body!)[999]));
        held.ForEach(m => m.Release());
    }

    [Fact]
    public void A_reader_that_died_holds_nothing()
    {
        using var scene = new SharedScene();
        HeldByOthers(scene, SnapshotStore.Count - 1, out SharedGrant[] grants);
        scene.Board(grants[0]).Reader(grants[0].Slot) = SharedBoard.ReaderOf(grants[0].Generation, Nobody);
        grants[0].Close();
        Assert.True(scene.Publish(9));
    }

    [Fact]
    public void A_reader_whose_connection_was_ended_here_keeps_what_it_holds_for_as_long_as_it_lives()
    {
        using var scene = new SharedScene();
        Message[] held = HeldByOthers(scene, SnapshotStore.Count - 1, out SharedGrant[] grants);
        grants[0].Close();
        Assert.False(scene.Publish(9));
        held[0].Release();
        Assert.True(scene.Publish(9));
    }

    [Fact]
    public void A_reader_that_died_after_its_connection_was_ended_here_holds_nothing()
    {
        using var scene = new SharedScene();
        (SharedReader reader, SharedGrant grant) = scene.Reader();
        scene.Publish(1);
        Message held = reader.Fetch(SharedScene.Request);
        for (int value = 2; value < SnapshotStore.Count; value++)
        {
            scene.Publish(value);
            scene.Reader().Reader.Fetch(SharedScene.Request);
        }

        scene.Publish(SnapshotStore.Count);
        grant.Close();
        Assert.False(scene.Publish(9));
        scene.Board(grant).Reader(grant.Slot) = SharedBoard.ReaderOf(grant.Generation, Nobody);
        Assert.True(scene.Publish(9));
        held.Release();
    }

    /// <summary>A late reader of a slot writes its process beside it; that says nothing of who holds the slot now.</summary>
    [Fact]
    public void A_process_of_another_generation_says_nothing_of_the_reader()
    {
        using var scene = new SharedScene();
        Message[] held = HeldByOthers(scene, SnapshotStore.Count - 1, out SharedGrant[] grants);
        scene.Board(grants[0]).Reader(grants[0].Slot) = SharedBoard.ReaderOf(grants[0].Generation - 1, Nobody);
        grants[0].Close();
        Assert.False(scene.Publish(9));
        Assert.Equal(1f, SharedScene.Values(held[0].Body!)[0]);
    }

    [Fact]
    public void A_publication_that_changes_all_the_time_does_not_hold_the_reader()
    {
        using var scene = new SharedScene();
        (SharedReader reader, SharedGrant grant) = scene.Reader();
        scene.Publish(1);
        bool done = false;
        var flapping = new Thread(() =>
        {
            for (ulong sequence = 10; !Volatile.Read(ref done); sequence++)
                Volatile.Write(ref scene.Board(grant).Published, SharedBoard.Publication(sequence, 0));
        });
        flapping.Start();
        for (int read = 0; read < 200; read++)
            reader.Fetch(SharedScene.Request).Release();
        Volatile.Write(ref done, true);
        flapping.Join();
    }

    [Fact]
    public void A_reader_whose_slot_went_to_another_reads_no_more()
    {
        using var scene = new SharedScene(slots: 1);
        scene.Publish(1);
        (SharedReader old, SharedGrant grant) = scene.Reader();
        Assert.Null(scene.Memory.TryGrant());
        grant.Close();
        (SharedReader next, _) = scene.Reader();
        Assert.Equal((MessageType.Refusal, RefusalReason.Leaving), Answer(old));
        Assert.Equal(1.0, Read(next));
    }

    [Fact]
    public void Closing_waits_for_the_lease_and_then_no_more_is_given()
    {
        using var scene = new SharedScene();
        scene.Publish(1);
        (SharedReader reader, _) = scene.Reader();
        Message held = reader.Fetch(SharedScene.Request);
        var connection = new Closing();
        reader.Close(connection);
        Assert.Equal((0, 1f), (connection.Times, SharedScene.Values(held.Body!)[0]));
        Assert.Equal((MessageType.Refusal, RefusalReason.Busy), Answer(reader));
        held.Release();
        reader.Close(connection);
        Assert.Equal(1, connection.Times);
    }

    /// <summary>All snapshots but the published one are held: none is left to write.</summary>
    private static Message[] HeldByOthers(SharedScene scene, int count, out SharedGrant[] grants)
    {
        var held = new List<Message>();
        var all = new List<SharedGrant>();
        for (int i = 0; i < count; i++)
        {
            scene.Publish(i + 1);
            (SharedReader reader, SharedGrant grant) = scene.Reader();
            held.Add(reader.Fetch(SharedScene.Request));
            all.Add(grant);
        }

        scene.Publish(count + 1);
        Assert.False(scene.Publish(count + 2));
        grants = [.. all];
        return [.. held];
    }

    private static (MessageType Type, RefusalReason Reason) Answer(SharedReader reader)
    {
        Message message = reader.Fetch(SharedScene.Request);
        message.Release();
        return (message.Header.Type, message.Header.Reason);
    }

    private static double Read(SharedReader reader)
    {
        Message message = reader.Fetch(SharedScene.Request);
        message.Release();
        return message.Header.Clock;
    }

    private sealed class Closing : IDisposable
    {
        public int Times { get; private set; }

        public void Dispose() => Times++;
    }
}
