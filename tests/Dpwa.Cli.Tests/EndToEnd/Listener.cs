using Dpwa.Cli.Tests.Support;

namespace Dpwa.Cli.Tests.EndToEnd;

/// <summary>Follows the lines of one worker: each wait goes on behind the line that ended the one before.</summary>
internal sealed class Listener(Lines<string> said)
{
    private int _next = said.All.Count;

    /// <summary>A step in which it averaged with this peer.</summary>
    public Task AveragedWithAsync(string peer) => HearAsync(line => line.Contains($" Averaged {peer} "));

    /// <summary>Some attempt on this peer failed so: a <see cref="Exchange.FailureKind"/> or several.</summary>
    public Task FailedAsync(string peer, params string[] kinds) => HearAsync(line => kinds.Any(kind => line.StartsWith($"log {peer} failed ({kind})", StringComparison.Ordinal)));

    /// <summary>A step in which it leaves this peer alone for a while, because an attempt on it failed.</summary>
    public Task WithoutAsync(string peer) => HearAsync(line => line.Contains($" without {peer}"));

    /// <summary>The peer said goodbye.</summary>
    public Task GoodbyeAsync(string peer) => HearAsync(line => line == $"log {peer} said goodbye");

    /// <summary>The next steps, as outcome and peer.</summary>
    public async Task<IReadOnlyList<(string Outcome, string Peer)>> StepsAsync(int count)
    {
        var steps = new List<(string, string)>();
        while (steps.Count < count)
        {
            var words = (await HearAsync(line => line.StartsWith("step ", StringComparison.Ordinal))).Split(' ');
            steps.Add((words[2], words[3]));
        }

        return steps;
    }

    /// <summary>A line of this kind.</summary>
    public async Task<string> HearAsync(Func<string, bool> wanted)
    {
        var at = await said.IndexAsync(wanted, _next);
        _next = at + 1;
        return said.All[at];
    }
}
