using Dpwa;
using Dpwa.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a worker's place in the cluster.</summary>
public static class DpwaServices
{
    /// <summary>
    /// Registers a <see cref="DpwaConnection"/>, one for the whole host, that logs to the host's log. It joins the cluster when the host starts, so that a wrong configuration or a taken address ends the start, and
    /// leaves, saying goodbye, when the host has stopped. An <see cref="IParameterSet"/> among the services is its model; without one it takes flat vectors.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The worker's name among the configuration's nodes.</param>
    /// <param name="configFile">The path of a YAML configuration. It is read when the host starts.</param>
    /// <exception cref="InvalidOperationException">A worker is registered already.</exception>
    public static IServiceCollection AddDpwa(this IServiceCollection services, string name, string configFile)
    {
        ArgumentNullException.ThrowIfNull(configFile);
        return Add(services, name, () => DpwaOptions.Load(configFile));
    }

    /// <summary>As <see cref="AddDpwa(IServiceCollection, string, string)"/>, with options at hand.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The worker's name among the nodes.</param>
    /// <param name="options">The cluster. Its log is the host's unless it has one of its own.</param>
    /// <exception cref="InvalidOperationException">A worker is registered already.</exception>
    public static IServiceCollection AddDpwa(this IServiceCollection services, string name, DpwaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Add(services, name, () => options);
    }

    private static IServiceCollection Add(IServiceCollection services, string name, Func<DpwaOptions> load)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        if (services.Any(s => s.ServiceType == typeof(DpwaConnection)))
            throw new InvalidOperationException("AddDpwa was called before: a host has one worker. Further ones are made by 'new DpwaConnection'.");
        services.AddSingleton(provider =>
        {
            DpwaOptions options = WithLog(load(), provider.GetService<ILoggerFactory>());
            return provider.GetService<IParameterSet>() is { } parameters ? new DpwaConnection(name, options, parameters) : new DpwaConnection(name, options);
        });
        return services.AddHostedService<JoinOnStart>();
    }

    private static DpwaOptions WithLog(DpwaOptions options, ILoggerFactory? loggers) =>
        loggers is not null && options.LoggerFactory is NullLoggerFactory ? options with { LoggerFactory = loggers } : options;
}
