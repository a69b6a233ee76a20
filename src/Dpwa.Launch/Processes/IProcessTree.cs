namespace Dpwa.Launch.Processes;

/// <summary>A process that we started and everything that it started in turn.</summary>
internal interface IProcessTree
{
    /// <summary>Asks all of them to end; <paramref name="signal"/> where the system has signals.</summary>
    void Signal(int signal);

    /// <summary>Ends all of them.</summary>
    void Kill();

    /// <summary>How many are alive; 1 may stand for "some".</summary>
    int CountAlive();
}
