namespace Dpwa;

/// <summary>One worker of the cluster, as the configuration names it.</summary>
/// <param name="Name">Its unique name.</param>
/// <param name="Host">The host name or address at which the others reach it.</param>
/// <param name="Port">Its TCP port. 0 lets the node itself bind any free port; the others must then be told by <see cref="DpwaConnection.AddPeer"/>.</param>
public sealed record DpwaNode(string Name, string Host, int Port)
{
    /// <summary>The name of who is no node and asks how the nodes are, as <c>dpwa check</c> does. With <c>tls</c> or <c>cluster_key</c>, where names are proven, no node may have it.</summary>
    public const string Operator = "operator";

    /// <summary>The address that the node itself listens on, when it differs from <see cref="Host"/>: <c>0.0.0.0</c> or <c>::</c> for every one. Null: <see cref="Host"/>.</summary>
    public string? Listen { get; init; }

    /// <summary>Where the configuration names this node, for example <c>dpwa.yaml:3:7</c>; null when it came from code.</summary>
    public string? Source { get; init; }

    /// <summary><c>name at host:port</c>.</summary>
    public override string ToString() => $"{Name} at {Address}";

    /// <summary><c>host:port</c>, with an IPv6 address in brackets.</summary>
    internal string Address => $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    /// <summary>Nodes are equal when name, host, port and listen address are; where the configuration names them does not count.</summary>
    public bool Equals(DpwaNode? other) =>
        other is not null && Name == other.Name && Host == other.Host && Port == other.Port && Listen == other.Listen;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Host, Port, Listen);
}
