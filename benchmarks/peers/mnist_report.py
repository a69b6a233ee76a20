"""Tables, curves and the plot of benchmarks/mnist.sh, from the traces of its runs."""
import argparse
import csv
import glob
import os
import statistics

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "dpwa"
from matplotlib import pyplot  # noqa: E402

TARGET = 0.97
WARM = 20
OURS, PEER, INK, FAINT = "#1b6ca8", "#d9730d", "#333333", "#bbbbbb"
RUNS = [("ours", 1, "TorchSharp, 1 worker", OURS, (0, (4, 2))), ("gloo", 1, "PyTorch, 1 worker", PEER, (0, (4, 2))),
        ("ours", 2, "Dpwa, 2 workers", OURS, "solid"), ("gloo", 2, "PyTorch + gloo, 2 workers", PEER, "solid")]
SHORT = {("ours", 1): "TorchSharp\n1 worker", ("gloo", 1): "PyTorch\n1 worker", ("ours", 2): "Dpwa\n2 workers", ("gloo", 2): "PyTorch + gloo\n2 workers"}


class Run:
    """One contender in one round: the mean of its workers at each test, and every step of every worker."""

    def __init__(self, directory):
        workers = []
        for path in sorted(glob.glob(os.path.join(directory, "w*.csv"))):
            with open(path, encoding="utf-8") as file:
                workers.append(list(csv.DictReader(file)))
        tests = [[s for s in steps if s["test_accuracy"]] for steps in workers]
        mean = lambda rows, column: statistics.fmean(float(r[column]) for r in rows)
        self.curve = [(mean(rows, "seconds"), sum(int(r["samples"]) for r in rows), mean(rows, "test_accuracy")) for rows in zip(*tests)]
        warm = [s for steps in workers for s in steps[WARM:]]
        self.step = statistics.median(float(s["step_ms"]) for s in warm)
        self.exchange = statistics.median(float(s["exchange_ms"]) for s in warm)
        self.worst_exchange = sorted(float(s["exchange_ms"]) for s in warm)[int(0.99 * (len(warm) - 1))]
        self.whole = statistics.median(float(b["seconds"]) - float(a["seconds"]) for steps in workers for a, b in zip(steps[WARM:], steps[WARM + 1:])) * 1e3

    def reached(self):
        """(seconds, samples) of the first test that finds the target; None when none does."""
        return next(((seconds, samples) for seconds, samples, accuracy in self.curve if accuracy >= TARGET), None)

    @property
    def final(self):
        return self.curve[-1][2]


def load(directory):
    found = {}
    for contender, workers, *_ in RUNS:
        rounds = sorted(glob.glob(os.path.join(directory, f"{contender}-{workers}", "*")), key=lambda p: int(os.path.basename(p)))
        if rounds:
            found[contender, workers] = [Run(r) for r in rounds]
    return found


def spread(values, digits):
    values = [v for v in values if v is not None]
    if not values:
        return "not reached"
    middle = f"{statistics.median(values):,.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def tables(found):
    yield "| | seconds to 97 % | samples to 97 %, all workers | a step with its batch, ms | a step, ms | of it exchange, ms (p99) | accuracy at the end |"
    yield "|---|---|---|---|---|---|---|"
    for contender, workers, title, *_ in RUNS:
        runs = found.get((contender, workers))
        if not runs:
            continue
        reached = [r.reached() or (None, None) for r in runs]
        missed = sum(r[0] is None for r in reached) if any(r[0] for r in reached) else 0
        exchange = "–" if workers == 1 else f"{spread([r.exchange for r in runs], 2)} ({spread([r.worst_exchange for r in runs], 1)})"
        yield (f"| {title} | {spread([r[0] for r in reached], 2)}{f', in {missed} of {len(runs)} rounds not' if missed else ''} | {spread([r[1] for r in reached], 0)} | {spread([r.whole for r in runs], 1)} "
               f"| {spread([r.step for r in runs], 1)} | {exchange} | {statistics.median(r.final for r in runs):.1%} |")
    yield "\n| in the same round | median (lowest–highest) |\n|---|---|"
    ratio = lambda one, other, pick: spread([pick(a) / pick(b) for a, b in zip(found.get(one, []), found.get(other, [])) if pick(a) and pick(b)], 2)
    seconds, samples = (lambda r: (r.reached() or (0, 0))[0]), (lambda r: (r.reached() or (0, 0))[1])
    for what, one, other, pick in [
        ("seconds to 97 %, 2 workers: Dpwa / PyTorch + gloo", ("ours", 2), ("gloo", 2), seconds),
        ("samples to 97 %, 2 workers: Dpwa / PyTorch + gloo", ("ours", 2), ("gloo", 2), samples),
        ("a step without exchange: TorchSharp / PyTorch, 1 worker", ("ours", 1), ("gloo", 1), lambda r: r.step),
        ("exchange, 2 workers: Dpwa / gloo", ("ours", 2), ("gloo", 2), lambda r: r.exchange),
        ("seconds to 97 %: Dpwa, 2 workers / TorchSharp, 1 worker", ("ours", 2), ("ours", 1), seconds),
        ("seconds to 97 %: PyTorch + gloo, 2 workers / PyTorch, 1 worker", ("gloo", 2), ("gloo", 1), seconds),
    ]:
        yield f"| {what} | {ratio(one, other, pick)} |"


def write_curves(found, path):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["contender", "workers", "round", "seconds", "samples", "test_accuracy"])
        for (contender, workers), runs in found.items():
            for round_, run in enumerate(runs, 1):
                out.writerows([contender, workers, round_, f"{s:.3f}", n, f"{a:.4f}"] for s, n, a in run.curve)


def median_curve(runs, x):
    """At each test the median of the rounds, in both directions."""
    return [(statistics.median(p[x] for p in points), statistics.median(p[2] for p in points)) for points in zip(*(r.curve for r in runs))]


def plot(found, path):
    pyplot.rcParams.update({"font.family": "DejaVu Sans", "font.size": 10, "axes.edgecolor": FAINT, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
                            "text.color": INK, "axes.spines.top": False, "axes.spines.right": False})
    figure, (by_time, by_samples, steps) = pyplot.subplots(1, 3, figsize=(13.5, 4.4), gridspec_kw={"width_ratios": [1.25, 1.25, 1]})
    for axes, x, label in ((by_time, 0, "seconds of training"), (by_samples, 1, "images seen, all workers together (thousands)")):
        scale = 1 if x == 0 else 1e-3
        for contender, workers, title, colour, dashes in RUNS:
            runs = found.get((contender, workers))
            if not runs:
                continue
            for run in runs:
                axes.plot([p[x] * scale for p in run.curve], [p[2] * 100 for p in run.curve], color=colour, linewidth=0.7, alpha=0.25, linestyle=dashes)
            axes.plot(*zip(*((p * scale, a * 100) for p, a in median_curve(runs, x))), color=colour, linewidth=2, linestyle=dashes, label=title)
            reached = [r.reached()[x] * scale for r in runs if r.reached()]
            if reached:
                axes.plot(statistics.median(reached), TARGET * 100, "o", color=colour, markersize=7 if workers == 2 else 5.5, zorder=5,
                          markerfacecolor=colour if workers == 2 else "white", markeredgewidth=1.6, markeredgecolor="white" if workers == 2 else colour)
        axes.axhline(TARGET * 100, color=INK, linewidth=0.8, zorder=0)
        axes.annotate("97 %", (0, TARGET * 100), xycoords=("axes fraction", "data"), xytext=(4, 3), textcoords="offset points", fontsize=9)
        axes.set(ylim=(90, 99.2), xlabel=label)
        axes.set_xlim(left=0)
        axes.grid(axis="y", color="#eeeeee")
        axes.set_axisbelow(True)
    by_time.set_ylabel("accuracy on the test images, %")
    by_time.set_title("Accuracy by time", loc="left", fontweight="bold", fontsize=11)
    by_samples.set_title("Accuracy by images", loc="left", fontweight="bold", fontsize=11)

    bars = [(key, colour) for *key, _, colour, _ in RUNS if tuple(key) in found]
    for at, (key, colour) in enumerate(reversed(bars)):
        runs = found[tuple(key)]
        step, exchange = statistics.median(r.step for r in runs), statistics.median(r.exchange for r in runs) if key[1] > 1 else 0
        steps.barh(at, step - exchange, color=colour, alpha=0.85 if key[1] == 2 else 0.5, height=0.6)
        steps.barh(at, exchange, left=step - exchange, color=INK, height=0.6, label="exchange, in the training loop" if at == 0 else None)
        steps.annotate(f"{step:.1f} ms" + (f", exchange {exchange:.2f}" if exchange else ""), (step, at), xytext=(5, 0), textcoords="offset points", va="center", fontsize=9)
    steps.set_yticks(range(len(bars)), [SHORT[tuple(key)] for key, _ in reversed(bars)])
    steps.tick_params(axis="y", length=0)
    steps.set_xlim(right=steps.get_xlim()[1] * 1.55)
    steps.set_xlabel("milliseconds")
    steps.set_title("One step of 128 images", loc="left", fontweight="bold", fontsize=11)
    steps.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.13), fontsize=9)
    handles, labels = by_time.get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, loc="lower left", ncol=4, bbox_to_anchor=(0.03, 0.01), fontsize=9.5, handlelength=2.6)
    figure.tight_layout(rect=(0, 0.05, 1, 1), w_pad=2)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.endswith(".svg") else None)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("traces")
    arguments.add_argument("--csv", required=True)
    arguments.add_argument("--plot", required=True)
    chosen = arguments.parse_args()
    found = load(chosen.traces)
    if not found:
        raise SystemExit(f"there are no traces in {chosen.traces}")
    print("\n".join(tables(found)))
    write_curves(found, chosen.csv)
    plot(found, chosen.plot)


main()
