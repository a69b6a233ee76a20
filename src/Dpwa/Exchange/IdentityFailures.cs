using Dpwa.Protocol;

namespace Dpwa.Exchange;

/// <summary>What is wrong with an identity, in words: as this side finds it of the other, and as the other side tells it.</summary>
internal static class IdentityFailures
{
    private const string SameForAll = "all nodes of a cluster need the same 'cluster_key' and 'cluster', or certificates of one authority ('tls')";

    /// <summary>This side has found it.</summary>
    /// <param name="remote">The other side, in words.</param>
    /// <param name="fault">What is wrong with it.</param>
    /// <param name="detail">Whose certificate, or until when it was valid, as the fault has it.</param>
    public static Failure Found(string remote, IdentityFault fault, string detail = "") => Of(fault, fault switch
    {
        IdentityFault.NoCertificate => $"{remote} showed no certificate: {SameForAll}",
        IdentityFault.OtherAuthority => $"{remote} has a certificate of another authority: {SameForAll}",
        IdentityFault.Expired => $"{remote} has a certificate that has expired ({detail}): 'dpwa cert --renew' makes a new one; if it should be valid, compare the machines' clocks",
        IdentityFault.NotYetValid => $"{remote} has a certificate that is not valid yet ({detail}): compare the machines' clocks",
        IdentityFault.OtherName => $"{remote} has the certificate of '{UntrustedText.Printable(detail)}': another node listens there, or the wrong files were copied to it",
        IdentityFault.OtherUse => $"{remote} has a certificate that is not a node's ({detail}): 'dpwa cert' makes those",
        IdentityFault.OtherSender => $"{remote} has the certificate of '{UntrustedText.Printable(detail)}' and sent a message in another's name",
        IdentityFault.NotEncrypted => $"{remote} does not encrypt and shows no certificate, and this node lets in members only: {SameForAll}",
        IdentityFault.Encrypted => $"{remote} encrypts, and this node has neither 'tls' nor 'cluster_key': {SameForAll}",
        _ => $"{remote} has no identity that is known here: {SameForAll}",
    });

    /// <summary>The other side tells that it has found it of this one.</summary>
    /// <param name="remote">The other side, in words.</param>
    /// <param name="fault">What is wrong with this one.</param>
    public static Failure Told(string remote, IdentityFault fault) => Of(fault, fault switch
    {
        IdentityFault.NoCertificate => $"{remote} refuses: this side showed it no certificate: {SameForAll}",
        IdentityFault.OtherAuthority => $"{remote} refuses: the certificate of this side is of an authority that it does not know: {SameForAll}",
        IdentityFault.Expired => $"{remote} refuses: the certificate of this side has expired: 'dpwa cert --renew' makes a new one; if it should be valid, compare the machines' clocks",
        IdentityFault.NotYetValid => $"{remote} refuses: the certificate of this side is not valid yet: compare the machines' clocks",
        IdentityFault.OtherName => $"{remote} refuses: it looked for another node than the one whose certificate this side has: compare the addresses in the configurations",
        IdentityFault.OtherUse => $"{remote} refuses: the certificate of this side is not a node's: 'dpwa cert' makes those",
        IdentityFault.OtherSender => $"{remote} refuses: a message of this side was not in the name of its certificate",
        IdentityFault.NotEncrypted => $"{remote} refuses: it encrypts and lets in members only, and this side has neither 'tls' nor 'cluster_key': {SameForAll}",
        IdentityFault.Encrypted => $"{remote} refuses: it has neither 'tls' nor 'cluster_key', and this side encrypts: {SameForAll}",
        _ => $"{remote} refuses the identity of this side: {SameForAll}",
    });

    /// <summary>What the other side tells may be any number: of those that mean nothing here no two are told apart, since each kind of failure is logged once.</summary>
    private static Failure Of(IdentityFault fault, string text) => new(FailureKind.NotAuthenticated, text) { Identity = Enum.IsDefined(fault) ? fault : IdentityFault.None };
}
