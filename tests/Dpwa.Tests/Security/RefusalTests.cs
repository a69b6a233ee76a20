using Dpwa.Protocol;
using Dpwa.Security;
using Dpwa.Tests.Hostile;
using Dpwa.Tests.Support;
using Dpwa.Transport.Tls;

namespace Dpwa.Tests.Security;

/// <summary>Who is not let in: nothing is exchanged, and both sides say in words which fault it was.</summary>
public class RefusalTests
{
    private const int Limit = 60_000;

    /// <summary>A fault; what who finds it says of the other, and what the other is told.</summary>
    public static TheoryData<string, string, string> Certificates => new()
    {
        { nameof(Identities.OfAnotherAuthority), "has a certificate of another authority", "is of an authority that it does not know" },
        { nameof(Identities.Expired), "has a certificate that has expired (20", "the certificate of this side has expired" },
        { nameof(Identities.NotYetValid), "has a certificate that is not valid yet (20", "the certificate of this side is not valid yet" },
        { nameof(Identities.ForAnotherUse), "has a certificate that is not a node's (NotValidForUsage", "the certificate of this side is not a node's" },
        { "no name alone", "has a certificate that is not a node's (its subject", "the certificate of this side is not a node's" },
        { "no name", "has a certificate that is not a node's (its subject", "the certificate of this side is not a node's" },
    };

    [Fact(Timeout = Limit)]
    public async Task Two_members_exchange()
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1);
        UpdateResult result = await client.Step(server.Address);
        Assert.True((UpdateOutcome.Averaged, "w1") == (result.Outcome, result.Peer), result.Reason);
        Assert.Equal(2, client.Value);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Certificates))]
    public async Task A_client_with_the_wrong_certificate_is_refused_and_both_say_why(string fault, string found, string told)
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        await using var client = new TlsNode("w2", Wrong(fault, "w2"), 1);
        await IsRefused(client, server.Address, told);
        Assert.Contains(found, await server.OfClient(), StringComparison.Ordinal);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Certificates))]
    public async Task A_server_with_the_wrong_certificate_is_refused_and_both_say_why(string fault, string found, string told)
    {
        await using var server = new TlsNode("w1", Wrong(fault, "w1"), 3);
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1);
        await IsRefused(client, server.Address, found);
        Assert.Contains(told, await server.OfClient(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task A_server_with_the_certificate_of_another_node_is_refused_and_both_say_why()
    {
        await using var server = new TlsNode("w3", Identities.Member("w3"), 3);
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1);
        await IsRefused(client, server.Address with { Name = "w1" }, "has the certificate of 'w3': another node listens there");
        Assert.Contains("it looked for another node than the one whose certificate this side has", await server.OfClient(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task A_client_that_speaks_in_the_name_of_another_is_refused_and_both_say_why()
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        await using var client = new TlsNode("w2", Identities.Member("w3"), 1);
        await IsRefused(client, server.Address, "a message of this side was not in the name of its certificate");
        Assert.Contains("has the certificate of 'w3' and sent a message in another's name", await server.OfClient(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task A_client_without_encryption_is_refused_by_a_node_with_it_and_both_say_why()
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        await using var client = new TlsNode("w2", identity: null, 1);
        await IsRefused(client, server.Address, "it encrypts and lets in members only, and this side has neither 'tls' nor 'cluster_key'");
        Assert.Contains("does not encrypt and shows no certificate", await server.OfClient(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task A_client_with_encryption_is_refused_by_a_node_without_and_both_say_why()
    {
        await using var server = new TlsNode("w1", identity: null, 3);
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1);
        await IsRefused(client, server.Address, "it has neither 'tls' nor 'cluster_key', and this side encrypts");
        Assert.Contains("encrypts, and this node has neither 'tls' nor 'cluster_key'", await server.OfClient(), StringComparison.Ordinal);
    }

    /// <summary>Whatever it asks, how the node is or where its memory is among them.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(MessageType.Fetch)]
    [InlineData(MessageType.Ping)]
    [InlineData(MessageType.LayoutRequest)]
    [InlineData(MessageType.MapRequest)]
    [InlineData(MessageType.PieceRequest)]
    public async Task A_client_without_a_certificate_is_refused_and_both_say_why(MessageType asked)
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        using RawTls client = await RawTls.Connect(server.Address.Port);
        Assert.Equal("CN=w1", client.Stream.RemoteCertificate!.Subject);
        MessageHeader answer = await client.Ask(Frames.Request(asked, "w2"));
        Assert.Equal((MessageType.Refusal, RefusalReason.NotAuthenticated, (uint)IdentityFault.NoCertificate, MessageHeader.IdOf("w1")), (answer.Type, answer.Reason, answer.Flags, answer.Sender));
        Assert.Equal(0, await client.Rest());
        Assert.Contains("showed no certificate", await server.OfClient(), StringComparison.Ordinal);
    }

    /// <summary>What one of ours says of each fault of its own that it is told; none is told in the words of another.</summary>
    [Fact(Timeout = Limit)]
    public async Task Who_is_refused_says_in_words_what_it_was_told()
    {
        var said = new List<string>();
        foreach (IdentityFault fault in Enum.GetValues<IdentityFault>().Where(f => f != IdentityFault.None))
        {
            await using var server = new HostilePeer(async visit =>
            {
                await visit.Send(Frames.Of(new MessageHeader { Type = MessageType.Refusal, Reason = RefusalReason.NotAuthenticated, Flags = (uint)fault }));
                await visit.UntilClosed();
            });
            await using var client = new TlsNode("w2", identity: null, 1);
            await IsRefused(client, server.Node, "refuses: ");
            said.Add(Assert.Single(client.Logs.Of(10)).Split("refuses: ")[1]);
        }

        Assert.StartsWith("this side showed it no certificate", said[0], StringComparison.Ordinal);
        Assert.Equal(said.Count, said.Distinct().Count());
    }

    [Fact(Timeout = Limit)]
    public async Task A_certificate_that_a_member_has_signed_lets_nobody_in()
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        (var signed, var member) = Identities.SignedByMember("w2");
        using RawTls client = await RawTls.Connect(server.Address.Port, signed, member);
        MessageHeader answer = await client.Ask(Frames.Request(MessageType.Fetch, "w2"));
        Assert.Equal((MessageType.Refusal, RefusalReason.NotAuthenticated), (answer.Type, answer.Reason));
        Assert.Contains((IdentityFault)answer.Flags, new[] { IdentityFault.OtherAuthority, IdentityFault.OtherUse });
        Assert.Equal(0, await client.Rest());
    }

    /// <summary>A limit, which SECURITY.md names.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_certificate_that_was_renewed_is_good_until_it_expires()
    {
        NodeIdentity before = Identities.Member("w2");
        _ = Identities.Member("w2");
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        await using var client = new TlsNode("w2", before, 1);
        Assert.Equal(UpdateOutcome.Averaged, (await client.Step(server.Address)).Outcome);
    }

    /// <summary>A limit, which SECURITY.md names: who is in stays until the connection ends, and is not let in again.</summary>
    [Fact(Timeout = Limit)]
    public async Task A_connection_outlives_the_certificate_that_it_was_made_with()
    {
        var time = new SkippingTime();
        await using var server = new TlsNode("w1", new TlsTransport(Identities.Member("w1"), time), 3);
        NodeIdentity w2 = Identities.Member("w2");
        using RawTls before = await RawTls.Connect(server.Address.Port, w2);
        Assert.Equal(MessageType.Pong, (await before.Ask(Frames.Request(MessageType.Ping, "w2"))).Type);
        time.Skip(TimeSpan.FromDays(2));
        Assert.Equal(MessageType.Pong, (await before.Ask(Frames.Request(MessageType.Ping, "w2", request: 2))).Type);
        using RawTls after = await RawTls.Connect(server.Address.Port, w2);
        MessageHeader answer = await after.Ask(Frames.Request(MessageType.Ping, "w2"));
        Assert.Equal((MessageType.Refusal, (uint)IdentityFault.Expired), (answer.Type, answer.Flags));
    }

    /// <summary>Also when it began honestly: the name is compared in every message.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(MessageType.Fetch)]
    [InlineData(MessageType.Goodbye)]
    [InlineData(MessageType.Receipt)]
    [InlineData(MessageType.Offer)]
    [InlineData(MessageType.MapRequest)]
    [InlineData(MessageType.PieceRequest)]
    public async Task No_message_is_taken_in_the_name_of_another(MessageType type)
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        server.Node.AddPeer(new DpwaNode("w3", "127.0.0.1", 1));
        using RawTls client = await RawTls.Connect(server.Address.Port, Identities.Member("w2"));
        Assert.Equal(MessageType.Pong, (await client.Ask(Frames.Request(MessageType.Ping, "w2"))).Type);
        await client.Send(Frames.Of(Frames.Request(type, "w3")));
        Assert.Contains("has the certificate of 'w2' and sent a message in another's name", await server.OfClient(), StringComparison.Ordinal);
        Assert.NotEqual(PeerState.Left, server.Node.Peers.Single(p => p.Name == "w3").State);
        Assert.Empty(server.Logs.Of(12));
    }

    [Fact(Timeout = Limit)]
    public async Task Each_kind_of_fault_is_logged_once_however_often_it_happens()
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        for (int i = 0; i < 5; i++)
        {
            using RawTls none = await RawTls.Connect(server.Address.Port);
            await none.Ask(Frames.Request(MessageType.Fetch, "w2"));
            using RawTls expired = await RawTls.Connect(server.Address.Port, Identities.Expired("w2"));
            await expired.Ask(Frames.Request(MessageType.Fetch, "w2"));
        }

        await server.Logs.Logged(13, 2);
        await using var client = new TlsNode("w2", Identities.Member("w2"), 1);
        Assert.Equal(UpdateOutcome.Averaged, (await client.Step(server.Address)).Outcome);
        Assert.Equal(2, server.Logs.Of(13).Count);
    }

    /// <summary>What a client says of faults is the client's word: it fills neither the log nor memory.</summary>
    [Fact(Timeout = Limit)]
    public async Task Faults_that_a_client_invents_are_logged_once()
    {
        await using var server = new TlsNode("w1", identity: null, 3);
        for (uint i = 0; i < 20; i++)
        {
            using RawClient client = await RawClient.Connect(server.Address.Port);
            await client.Send(new MessageHeader { Type = MessageType.Refusal, Reason = RefusalReason.NotAuthenticated, Flags = 1000 + i });
            await client.UntilClosed();
        }

        await Eventually.Is(() => Inside.Running(server.Node) == 0, "all have been seen off");
        Assert.Single(server.Logs.Of(13));
    }

    /// <summary>A client that was told why and goes on sending is not listened to for as long as it likes.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(true, (byte)'D')]
    [InlineData(false, (byte)22)]
    public async Task Who_is_refused_and_goes_on_sending_is_cut_off(bool encrypts, byte first)
    {
        const int more = 512;
        await using var server = new TlsNode("w1", encrypts ? Identities.Member("w1") : null, 3);
        using RawClient client = await RawClient.Connect(server.Address.Port);
        byte[] bytes = new byte[1024 * 1024];
        Array.Fill(bytes, first);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (int i = 0; i < more; i++)
                await client.Send(bytes);
        });
    }

    /// <summary>Who looks after the machines need not see the models.</summary>
    [Theory(Timeout = Limit)]
    [InlineData(MessageType.Ping, MessageType.Pong)]
    [InlineData(MessageType.StatusRequest, MessageType.Status)]
    [InlineData(MessageType.Fetch, MessageType.Refusal)]
    [InlineData(MessageType.MapRequest, MessageType.Refusal)]
    [InlineData(MessageType.PieceRequest, MessageType.Refusal)]
    [InlineData(MessageType.LayoutRequest, MessageType.Refusal)]
    [InlineData(MessageType.Offer, MessageType.Refusal)]
    [InlineData(MessageType.Settle, MessageType.Refusal)]
    public async Task The_operator_is_told_how_a_node_is_and_nothing_else(MessageType asked, MessageType answered)
    {
        await using var server = new TlsNode("w1", Identities.Member("w1"), 3);
        ulong model = ParameterLayout.Flat(100).Fingerprint;
        using RawTls client = await RawTls.Connect(server.Address.Port, Identities.Member(DpwaNode.Operator));
        MessageHeader answer = await client.Ask(Frames.Request(asked, DpwaNode.Operator, fingerprint: model));
        Assert.Equal((answered, answered == MessageType.Refusal ? RefusalReason.Unsupported : default), (answer.Type, answer.Reason));
    }

    private static NodeIdentity Wrong(string fault, string name) => fault switch
    {
        nameof(Identities.OfAnotherAuthority) => Identities.OfAnotherAuthority(name),
        nameof(Identities.Expired) => Identities.Expired(name),
        nameof(Identities.NotYetValid) => Identities.NotYetValid(name),
        nameof(Identities.ForAnotherUse) => Identities.ForAnotherUse(name),
        "no name alone" => Identities.WithSubject(name, $"O=somebody, CN={name}"),
        _ => Identities.WithSubject(name, "O=somebody"),
    };

    /// <summary>Nothing is mixed, and the log says the same as the result.</summary>
    private static async Task IsRefused(TlsNode client, DpwaNode server, string text)
    {
        UpdateResult result = await client.Step(server);
        Assert.Equal((UpdateOutcome.Rejected, 1f), (result.Outcome, client.Value));
        Assert.Contains(text, result.Reason, StringComparison.Ordinal);
        string line = await client.OfPeer();
        Assert.StartsWith($"{server.Name} failed (NotAuthenticated)", line, StringComparison.Ordinal);
        Assert.Contains(text, line, StringComparison.Ordinal);
        Assert.Empty(client.Logs.Of(90));
    }
}
