using Dpwa.Averaging;
using Dpwa.Codecs;
using Dpwa.Forms;
using Dpwa.Protocol;
using Dpwa.Simulation;
using Dpwa.Snapshots;

namespace Dpwa.Tests.Forms;

/// <summary>A model and its form, without a node around them.</summary>
internal sealed class FormNode(ParameterLayout layout, DpwaOptions options)
{
    public VirtualModel Model { get; } = new(layout);

    public ModelForm Form { get; } = ModelForm.Create(layout, options);

    /// <summary>What it publishes in a round.</summary>
    public Snapshot Publish(ulong round)
    {
        var snapshot = new Snapshot(Form.Published);
        Assert.True(Form.Publish(Model, snapshot, round));
        Assert.Equal(round, snapshot.Round);
        return snapshot.Lease();
    }

    /// <summary>Mixes what another has published, encoded on the way.</summary>
    public void Mix(Snapshot peer, double a = 0.5, IPayload? own = null, PayloadCodec codec = PayloadCodec.Native, ulong? round = null)
    {
        IPayload payload = codec == PayloadCodec.Native ? peer : Encoded(peer, codec);
        Form.Mix(Model, new Decision(UpdateOutcome.Averaged, "peer", a, 1, 1, payload, own, null) { Codec = codec, Round = round ?? peer.Round });
    }

    /// <summary>A snapshot as it comes over a connection.</summary>
    public static BytesPayload Encoded(Snapshot snapshot, PayloadCodec codec)
    {
        var encoder = new PayloadEncoder();
        encoder.Begin(snapshot, EncodedLayout.Of(snapshot.Layout, codec));
        var bytes = new List<byte>();
        while (encoder.Next() is { IsEmpty: false } piece)
            bytes.AddRange(piece.Span);
        return new BytesPayload([.. bytes]);
    }
}
