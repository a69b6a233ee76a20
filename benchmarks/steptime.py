"""Compares the steps of neighbouring turns in the traces of examples/Cifar10. Started by benchmarks/steptime.sh."""
import argparse
import csv
import statistics


def turns(path, seconds):
    """Turn by turn the steps that lie in it wholly, the first of them left out: (number, whether they exchange, steps)."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for step in csv.DictReader(file):
            start = float(step["started"])
            end = start + float(step["step_ms"]) / 1e3
            if int(start // seconds) == int(end // seconds):
                found.setdefault(int(start // seconds), []).append(step)
    first = min(found, default=0)
    return {turn: steps[1:] for turn, steps in found.items() if turn != first and len(steps) > 1}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--turn", type=int, required=True, help="seconds")
    arguments.add_argument("--title", default="")
    arguments.add_argument("traces", nargs="+")
    chosen = arguments.parse_args()
    exchanging, alone, exchange, averaged = [], [], [], 0
    ratios = {"step_ms": [], "cpu_ms": []}
    middle = lambda steps, column="step_ms": statistics.median(float(s[column]) for s in steps)
    for path in chosen.traces:
        by_turn = turns(path, chosen.turn)
        for turn, steps in by_turn.items():
            (exchanging if turn % 2 == 0 else alone).extend(steps)
            if turn % 2 == 0:
                exchange.extend(float(s["exchange_ms"]) for s in steps)
                averaged += sum(s["exchanged"] == "1" for s in steps)
                # With the turn after it and the one before it: a machine that grows slower, or faster, does so on both sides.
                for other in (turn - 1, turn + 1):
                    if other in by_turn:
                        for column, values in ratios.items():
                            values.append(middle(steps, column) / middle(by_turn[other], column))
    if not ratios["step_ms"]:
        raise SystemExit("no two neighbouring turns with a whole step each: give --seconds more")
    spread = lambda values: f"**{statistics.median(values):.3f}** ({min(values):.3f}–{max(values):.3f})"
    print(f"{chosen.title}| {middle(exchanging):.1f} | {middle(alone):.1f} | {spread(ratios['step_ms'])} | {spread(ratios['cpu_ms'])} "
          f"| {statistics.median(exchange):.1f} | {len(exchanging)} + {len(alone)} | {averaged} | {len(ratios['step_ms'])} |")


main()
