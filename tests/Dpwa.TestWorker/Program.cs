// A worker for tests of whole clusters: trains next to nothing, and says one line a step, until it is asked to end or has done the steps
// that its argument gives. Its other forms: hold PORT LENGTH; mix LENGTH [PAUSE_MS [quiet|linger]]; learn [PAUSE_MS]; flood silent|drip COUNT RENEWAL_MS ADDRESS:PORT...; save PATH
using System.Globalization;
using System.Net;
using Dpwa;
using Dpwa.TestWorker;

if (args is ["hold", var port, var length])
{
    Holder.Run(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(length, CultureInfo.InvariantCulture));
    return;
}

if (args is ["flood", var how, var count, var renewal, .. var targets])
{
    TimeSpan interval = TimeSpan.FromMilliseconds(int.Parse(renewal, CultureInfo.InvariantCulture));
    await Task.WhenAll(targets.Select(target => new Flood(IPEndPoint.Parse(target), int.Parse(count, CultureInfo.InvariantCulture), how == "drip", interval).RunAsync()));
    return;
}

if (args is ["save", var path])
{
    Saver.Run(path);
    return;
}

const int Parameters = 4096;
string name = Environment.GetEnvironmentVariable("DPWA_NAME") ?? throw new InvalidOperationException("DPWA_NAME is not set.");
string config = Environment.GetEnvironmentVariable("DPWA_CONFIG") ?? throw new InvalidOperationException("DPWA_CONFIG is not set.");
if (args is ["mix", var size, .. var rest])
{
    double pause = rest.Length > 0 ? double.Parse(rest[0], CultureInfo.InvariantCulture) : 20;
    var mixer = new Mixer(name, int.Parse(size, CultureInfo.InvariantCulture), lingers: rest is [_, "linger"]);
    await mixer.RunAsync(DpwaOptions.Load(config), TimeSpan.FromMilliseconds(pause), quiet: rest is [_, "quiet"]);
    LineLogs.Say("ended");
    return;
}

if (args is ["learn", .. var pauseMs])
{
    DpwaOptions options = DpwaOptions.Load(config);
    TimeSpan pauseOf = TimeSpan.FromMilliseconds(pauseMs.Length > 0 ? double.Parse(pauseMs[0], CultureInfo.InvariantCulture) : 100);
    // Several workers in one process, each on a thread of its own.
    string[] names = name.Split(',');
    ThreadPool.SetMinThreads(names.Length + Environment.ProcessorCount, Environment.ProcessorCount);
    await Task.WhenAll(names.Select(one => Task.Run(() => Learner.RunAsync(one, options, pauseOf))));
    LineLogs.Say("ended");
    return;
}

int steps = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : int.MaxValue;

using var stop = new StopRequest();
using var logs = new LineLogs();
float[] x = new float[Parameters];
// They start apart, so that there is something to average.
Array.Fill(x, name.Sum(letter => letter));
await using (var node = new DpwaConnection(name, DpwaOptions.Load(config) with { LoggerFactory = logs }))
{
    for (int step = 1; step <= steps && !stop.Token.IsCancellationRequested; step++)
    {
        double loss = x[0] * x[0] / 2;
        node.UpdateSend(x, loss);
        for (int i = 0; i < x.Length; i++)
            x[i] *= 0.99f;
        // The rest of a step's work: without it the machine would do nothing but print.
        await Task.Delay(TimeSpan.FromMilliseconds(20), stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        UpdateResult result = node.UpdateWait(x, loss);
        LineLogs.Say($"step {step} {result.Outcome} {result.Peer ?? "-"} clock {node.Clock.ToString("0.###", CultureInfo.InvariantCulture)}{LineLogs.Away(node)}");
    }
}

LineLogs.Say("ended");
