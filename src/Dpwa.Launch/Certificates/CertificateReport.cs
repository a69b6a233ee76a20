namespace Dpwa.Launch.Certificates;

/// <summary>A certificate of the folder.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Certificate">Its file.</param>
/// <param name="Key">The file of its private key.</param>
/// <param name="Until">Until when it is valid.</param>
/// <param name="IsNew">Whether it has been made now, or was there.</param>
public sealed record CertificateReport(string Name, string Certificate, string Key, DateTimeOffset Until, bool IsNew);
