namespace Dpwa.Examples.CharGpt.Training;

/// <summary>What one worker's training came to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Steps">Batches trained.</param>
/// <param name="TrainLoss">The mean of the last batches' losses, nats a character.</param>
/// <param name="ValidationLoss">The loss on the text that nobody trained on, nats a character.</param>
/// <param name="Exchanges">Exchanges that brought a peer's parameters.</param>
/// <param name="Failed">Steps that should have and did not.</param>
/// <param name="BytesReceived">Payload bytes taken from peers. What a worker gives through shared memory it does not see, so that only this side is counted.</param>
internal sealed record WorkerSummary(
    string Name, int Steps, double TrainLoss, double ValidationLoss, long Exchanges, int Failed, long BytesReceived)
{
    /// <summary>Among how many characters the model is undecided on average.</summary>
    public double Perplexity => Math.Exp(ValidationLoss);
}
