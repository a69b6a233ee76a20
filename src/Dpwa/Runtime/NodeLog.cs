using System.Net;
using Dpwa.Diagnostics;
using Dpwa.Exchange;
using Microsoft.Extensions.Logging;

namespace Dpwa.Runtime;

/// <summary>Counts and logs what a node reports. A logger is somebody's code: what it throws must not end a connection, let alone the process.</summary>
internal sealed class NodeLog(ILogger logger, string self)
{
    public void Listening(string node, EndPoint endPoint) => Safely(() => logger.Listening(node, endPoint.ToString()!));

    public void Closed(string node) => Safely(() => logger.Closed(node));

    public void NotShared(string why) => Safely(() => logger.NotShared(why));

    public void InternalError(Exception exception) => Safely(() => logger.InternalError(exception));

    public void Write(Report report)
    {
        if (report.Kind == ReportKind.ClientRejected)
            DpwaMeter.ClientRejected(self, report.Failure.Kind.ToString());
        if (report.Kind == ReportKind.OneSidedSwap)
            DpwaMeter.OneSidedSwap(self);
        if (report.Kind == ReportKind.PeerTooFar)
            DpwaMeter.PeerTooFar(self);
        if (report.Kind == ReportKind.PeerQuarantined)
            DpwaMeter.PeerQuarantined(self);
        if (report.IsNews)
            Safely(() => WriteLine(report));
    }

    private void WriteLine(Report report)
    {
        string kind = report.Failure.Kind.ToString();
        switch (report.Kind)
        {
            case ReportKind.PeerFailed:
                logger.PeerFailed(report.Peer, kind, report.Failure.Sentence);
                break;
            case ReportKind.PeerRecovered:
                logger.PeerRecovered(report.Peer);
                break;
            case ReportKind.PeerLeft:
                logger.PeerLeft(report.Peer);
                break;
            case ReportKind.PeerTooFar:
                logger.PeerTooFar(report.Peer, report.Failure.Text);
                break;
            case ReportKind.PeerQuarantined:
                logger.PeerQuarantined(report.Peer, report.Failure.Text);
                break;
            case ReportKind.ClientRejected:
                logger.ClientRejected(report.Peer, kind, report.Failure.Text);
                break;
            case ReportKind.OneSidedSwap:
                logger.OneSidedSwap(report.Peer, report.Failure.Text);
                break;
            case ReportKind.FactorFailed:
                logger.FactorFailed(report.Failure.Text);
                break;
        }
    }

    private static void Safely(Action log)
    {
        try
        {
            log();
        }
        catch (Exception)
        {
            // There is nowhere left to say so.
        }
    }
}
