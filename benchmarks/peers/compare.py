"""Runs ours and the peers in turn, round after round, and writes the table and the targets. Started by benchmarks/compare.sh."""
import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MEGABYTE = 1_000_000
TRAIN_MS = 200


class Runs:
    """Starts the contenders, and keeps what each run of each said."""

    def __init__(self, chosen):
        self.chosen = chosen
        self.results = []

    def add(self, contender, megabytes, workers, round_, result):
        self.results.append({"contender": contender, "megabytes": megabytes, "workers": workers, "round": round_, **result})

    def ours(self, name, megabytes, workers, *options):
        command = [*shlex.split(self.chosen.ours), "--size", f"{megabytes}MB", "--tensors", "60", "--workers", str(workers),
                   "--steps", str(self.steps(megabytes)), *options, "--json"]
        return self.start(name, command)

    def mpi(self, megabytes, workers):
        root = ["--allow-run-as-root"] if os.geteuid() == 0 else []
        return self.start("OpenMPI", ["mpirun", *root, "--oversubscribe", "--bind-to", "none", "-n", str(workers), "/usr/bin/python3", "-B",
                                      f"{HERE}/mpi_allreduce.py", *self.peer(megabytes)])

    def gloo(self, megabytes, workers):
        return self.start("gloo", ["/usr/bin/python3", "-B", f"{HERE}/gloo_allreduce.py", "--workers", str(workers), *self.peer(megabytes)])

    def blend(self, megabytes, workers):
        return self.start("C loop", [self.chosen.blend, str(workers), str(max(self.steps(megabytes), 15)), str(megabytes * MEGABYTE)])

    def peer(self, megabytes):
        return ["--sizes", str(megabytes * MEGABYTE), "--steps", str(self.steps(megabytes))]

    def steps(self, megabytes):
        """Small exchanges are over soon, and their code takes some to be compiled for good: more of them."""
        return self.chosen.steps * max(1, min(6, 45 // megabytes))

    def start(self, name, command):
        """The run's one line of JSON. A run that fails is said so, and the others go on."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=self.chosen.timeout)
        try:
            start = done.stdout.index("{")
            result, _ = json.JSONDecoder().raw_decode(done.stdout[start:])
            if done.returncode == 0:
                return result
        except ValueError:
            pass
        print(f"{name}: failed ({done.returncode}): {shlex.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}", file=sys.stderr)
        return {"failed": True}

    def values(self, contender, megabytes, workers, pick):
        """What each round said, by round."""
        found = {}
        for r in self.results:
            if (r["contender"], r["megabytes"], r["workers"]) == (contender, megabytes, workers) and "failed" not in r:
                value = pick(r)
                if value is not None:
                    found[r["round"]] = float(value)
        return found


def measure(runs, chosen, keep):
    """A B C A B C …: within a round all contenders of one size and number of workers run right after each other."""
    for round_ in range(chosen.rounds):
        for workers in chosen.workers:
            for mb in chosen.sizes:
                contenders = [
                    ("shared memory", lambda: runs.ours("shared memory", mb, workers, "--transport", "shared_memory", "--apply", "parameters")),
                    ("OpenMPI", lambda: runs.mpi(mb, workers)),
                    ("gloo", lambda: runs.gloo(mb, workers)),
                    ("TCP", lambda: runs.ours("TCP", mb, workers, "--transport", "tcp", "--apply", "parameters")),
                    ("C loop", lambda: runs.blend(mb, workers)),
                    ("shared memory, delta", lambda: runs.ours("shared memory, delta", mb, workers, "--transport", "shared_memory", "--apply", "delta")),
                    ("TCP, bfloat16", lambda: runs.ours("TCP, bfloat16", mb, workers, "--transport", "tcp", "--codec", "bfloat16")),
                ]
                # While a worker trains (sleeping: its core is free, as with a device that computes) the exchange should be hidden.
                if workers == min(chosen.workers):
                    for transport in ("shared_memory", "tcp"):
                        contenders.append((f"{transport.replace('_', ' ').replace('tcp', 'TCP')}, training", lambda t=transport: runs.ours(
                            f"{t}, training", mb, workers, "--transport", t, "--train-ms", str(TRAIN_MS), "--train", "sleep")))
                for name, start in contenders:
                    if name.split(",")[0] not in chosen.skip:
                        result = start()
                        runs.add(name, mb, workers, round_, result)
                        shown = result.get("exchange_ms", {}).get("median") or result.get("blend_gb_per_s")
                        print(f"round {round_ + 1}/{chosen.rounds}, {workers} workers, {mb} MB, {name}: {shown}", file=sys.stderr, flush=True)
        keep()


def exchange(r):
    return r["exchange_ms"]["median"]


def copy_and_blend(r):
    """Milliseconds of one copy and one blend at the limits that the run itself measured; 2 and 3 bytes are moved for each byte."""
    if not r.get("memcpy_gb_per_s") or not r.get("blend_gb_per_s"):
        return None
    return (2 * r["bytes"] / r["memcpy_gb_per_s"] + 3 * r["bytes"] / r["blend_gb_per_s"]) / 1e6


def ratios(one, other):
    """Round by round: what ran right after each other is compared."""
    return [one[r] / other[r] for r in one if other.get(r)]


def spread(values, digits=2):
    if not values:
        return "–"
    middle = statistics.median(values)
    return f"{middle:.{digits}f}" if len(values) == 1 else f"{middle:.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def milliseconds(values):
    return "–" if not values else f"{(m := statistics.median(values.values())):.{2 if m < 10 else 1 if m < 100 else 0}f}"


def tables(runs, chosen):
    for workers in chosen.workers:
        yield f"\n### {workers} workers: milliseconds an exchange\n"
        yield "| | " + " | ".join(f"{mb} MB" for mb in chosen.sizes) + " |"
        yield "|---" * (len(chosen.sizes) + 1) + "|"
        of = lambda name, mb, pick=exchange: runs.values(name, mb, workers, pick)
        row = lambda title, cell: f"| {title} | " + " | ".join(cell(mb) for mb in chosen.sizes) + " |"
        for name in ("shared memory", "shared memory, delta", "TCP", "TCP, bfloat16", "OpenMPI", "gloo"):
            yield row(name, lambda mb: milliseconds(of(name, mb)))
        yield row("one copy and one blend, at the limits of the run", lambda mb: milliseconds(of("shared memory", mb, copy_and_blend)))
        yield row("**shared memory / OpenMPI**", lambda mb: spread(ratios(of("shared memory", mb), of("OpenMPI", mb))))
        yield row("shared memory / (copy and blend)", lambda mb: spread(ratios(of("shared memory", mb), of("shared memory", mb, copy_and_blend))))
        yield row("shared memory, delta / (copy and blend)", lambda mb: spread(ratios(of("shared memory, delta", mb), of("shared memory, delta", mb, copy_and_blend))))
        yield row("**TCP / gloo**", lambda mb: spread(ratios(of("TCP", mb), of("gloo", mb))))
        yield row("TCP MB/s / raw socket MB/s", lambda mb: spread(ratios(of("TCP", mb, lambda r: r.get("mb_per_s")), of("TCP", mb, lambda r: r.get("raw_socket_mb_per_s")))))
        yield row("our mix / the C loop, GB/s", lambda mb: spread(ratios(of("shared memory", mb, lambda r: r.get("mix_gb_per_s")), of("C loop", mb, lambda r: r["blend_gb_per_s"]))))
        for name in ("shared memory, training", "TCP, training"):
            if any(of(name, mb) for mb in chosen.sizes):
                yield row(f"{name} for {TRAIN_MS} ms: blocked", lambda mb: milliseconds(of(name, mb, blocked)))
                yield row(f"{name} for {TRAIN_MS} ms: lost", lambda mb: milliseconds(of(name, mb, lambda r: median_of(r.get("lost_ms")))))
        for name in ("shared memory", "TCP", "OpenMPI", "gloo"):
            yield row(f"{name}: CPU ms an exchange", lambda mb: milliseconds(of(name, mb, lambda r: median_of(r.get("cpu_ms")))))
        for name in ("shared memory", "TCP"):
            yield row(f"{name}: bytes allocated a step", lambda mb: spread(list(of(name, mb, lambda r: r.get("allocated_bytes_per_step")).values())))
            if any(value for mb in chosen.sizes for value in of(name, mb, lambda r: r.get("failed_exchanges")).values()):
                yield row(f"**{name}: exchanges that failed**", lambda mb: spread(list(of(name, mb, lambda r: r.get("failed_exchanges")).values()), 0))
            yield row(f"{name}: private + shared MB a worker", lambda mb: memory(of(name, mb, lambda r: median_of(r.get("private_mb"))), of(name, mb, lambda r: median_of(r.get("shared_mb")))))


def memory(private, shared):
    return "–" if not private else f"{statistics.median(private.values()):.0f} + {statistics.median(shared.values() or [0]):.0f}"


def median_of(value):
    """A number, or the median of a spread."""
    return value["median"] if isinstance(value, dict) else value


def blocked(r):
    return median_of(r.get("blocked_ms"))


def targets(runs, chosen):
    """(what, size, workers, the ratio of each round, at most or at least, the bound)."""
    for workers in chosen.workers:
        for mb in chosen.sizes:
            of = lambda name, pick=exchange: runs.values(name, mb, workers, pick)
            shared, tcp = of("shared memory"), of("TCP")
            yield "shared memory / OpenMPI", mb, workers, ratios(shared, of("OpenMPI")), "≤", 0.5 if mb >= 10 else 0.7
            if mb >= 45:
                yield "shared memory / (one copy + one blend)", mb, workers, ratios(shared, of("shared memory", copy_and_blend)), "≤", 1.2
                yield "TCP / gloo", mb, workers, ratios(tcp, of("gloo")), "≤", 0.9
            if mb >= 10:
                yield "TCP MB/s / raw socket MB/s", mb, workers, ratios(of("TCP", lambda r: r.get("mb_per_s")), of("TCP", lambda r: r.get("raw_socket_mb_per_s"))), "≥", 0.8
            for name in ("shared memory, training", "TCP, training"):
                if workers == min(chosen.workers):
                    yield f"{name}: blocked / (one copy + one blend)", mb, workers, ratios(of(name, blocked), of(name, copy_and_blend)), "≤", 1.3
            yield "our mix / the C loop, GB/s", mb, workers, ratios(of("shared memory", lambda r: r.get("mix_gb_per_s")), of("C loop", lambda r: r["blend_gb_per_s"])), "≥", 0.95
            for name in ("shared memory", "TCP"):
                yield f"{name}: bytes allocated a step", mb, workers, list(of(name, lambda r: r.get("allocated_bytes_per_step")).values()), "<", 1


def judged(runs, chosen):
    met = {"≤": lambda v, b: v <= b, "≥": lambda v, b: v >= b, "<": lambda v, b: v < b}
    for what, mb, workers, values, relation, bound in targets(runs, chosen):
        if what.split(",")[0].split(":")[0].split(" /")[0] in chosen.skip:
            continue
        verdict = "not measured" if not values else "met" if met[relation](statistics.median(values), bound) else "**missed**"
        yield f"| {what} | {mb} MB | {workers} | {relation} {bound} | {spread(values)} | {verdict} |"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown")
    versions = subprocess.run(["/usr/bin/python3", "-c", "import torch, mpi4py.MPI as m; print('PyTorch', torch.__version__ + ',', m.Get_library_version().split(',')[0])"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout.strip()
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Linux {platform.release()}; {versions}"


def main():
    numbers = lambda text: [int(x) for x in text.split(",")]
    arguments = argparse.ArgumentParser(prog="compare.sh", description=__doc__)
    arguments.add_argument("--sizes", type=numbers, default=[1, 10, 45, 200], help="megabytes, separated by commas")
    arguments.add_argument("--workers", type=numbers, default=[2, 4])
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--steps", type=int, default=12, help="exchanges of each contender in each round; up to 6 times as many where they are small")
    arguments.add_argument("--quick", action="store_true", help="1 and 10 MB, 2 workers, 2 rounds")
    arguments.add_argument("--skip", type=lambda text: text.split(","), default=[], help="contenders to leave out, e.g. 'gloo,OpenMPI'")
    arguments.add_argument("--out", default="artifacts/compare", help="where compare.md and compare.json go")
    arguments.add_argument("--timeout", type=float, default=300, help="seconds that one run may take")
    arguments.add_argument("--from", dest="source", help="make the table from an earlier run's compare.json and measure nothing")
    arguments.add_argument("--ours", help=argparse.SUPPRESS)
    arguments.add_argument("--blend", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.quick:
        chosen.sizes, chosen.workers, chosen.rounds, chosen.steps = [1, 10], [2], 2, 6
    runs = Runs(chosen)
    if chosen.source:
        with open(chosen.source, encoding="utf-8") as file:
            kept = json.load(file)
        runs.results, where, chosen.steps = kept["runs"], kept["machine"], kept["steps"]
        chosen.sizes, chosen.workers = (sorted({r[key] for r in runs.results}) for key in ("megabytes", "workers"))
        chosen.rounds = 1 + max(r["round"] for r in runs.results)
    else:
        where = machine()
        os.makedirs(chosen.out, exist_ok=True)

        def keep():
            with open(f"{chosen.out}/compare.json", "w", encoding="utf-8") as file:
                json.dump({"machine": where, "steps": chosen.steps, "runs": runs.results}, file, indent=1)

        measure(runs, chosen, keep)
    verdicts = list(judged(runs, chosen))
    lines = [
        f"{where}. {chosen.rounds} rounds of {chosen.steps} exchanges each; every contender in turn in each round. Times are medians; ratios are medians of the "
        "rounds' own ratios (lowest–highest).",
        *tables(runs, chosen),
        "\n### Targets\n",
        "| target | size | workers | bound | measured | |",
        "|---|---|---|---|---|---|",
        *verdicts,
        f"\n{sum('| met |' in v for v in verdicts)} met, {sum('missed' in v for v in verdicts)} missed, {sum('not measured' in v for v in verdicts)} not measured.",
    ]
    text = "\n".join(lines)
    print(text)
    os.makedirs(chosen.out, exist_ok=True)
    with open(f"{chosen.out}/compare.md", "w", encoding="utf-8") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main()
