using Dpwa.Averaging;
using Dpwa.Protocol;
using Dpwa.Snapshots;

namespace Dpwa.Forms;

/// <summary>The whole model, as it is.</summary>
internal sealed class PlainForm(ParameterLayout model) : ModelForm(model)
{
    private protected override bool Write<TModel>(TModel model, Snapshot snapshot) => ModelUpdate.Publish(model, snapshot);

    private protected override void Each<TModel, TStep>(TModel model, IPayload peer, in Decision decision, ref TStep step) =>
        ModelUpdate.Each(model, Published, peer, decision.Own, decision.Codec, ref step);
}
