// What the hot functions cost.
//
//   dotnet run -c Release --project benchmarks/Dpwa.Benchmarks -- --filter '*Mix*'     BenchmarkDotNet, with its own options
//   dotnet run -c Release --project benchmarks/Dpwa.Benchmarks -- --check              a short run against budgets.json: allocations and ratios,
//                                                                                      never times; exit code 1 and a table when one is exceeded
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Running;
using Dpwa.Benchmarks.Checking;

if (args is ["--check"])
    return BudgetCheck.Run(Path.Combine(AppContext.BaseDirectory, "budgets.json"), Console.Out);

BenchmarkSwitcher.FromAssembly(typeof(BudgetCheck).Assembly)
    .Run(args, DefaultConfig.Instance.WithArtifactsPath("artifacts/benchmarks").AddDiagnoser(MemoryDiagnoser.Default));
return 0;
