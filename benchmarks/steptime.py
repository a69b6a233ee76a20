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
    ratios, exchanging, alone, exchange, averaged = [], [], [], [], 0
    middle = lambda steps: statistics.median(float(s["step_ms"]) for s in steps)
    for path in chosen.traces:
        by_turn = turns(path, chosen.turn)
        for turn, steps in by_turn.items():
            (exchanging if turn % 2 == 0 else alone).extend(float(s["step_ms"]) for s in steps)
            if turn % 2 == 0:
                exchange.extend(float(s["exchange_ms"]) for s in steps)
                averaged += sum(s["exchanged"] == "1" for s in steps)
                # With the turn after it and the one before it: a machine that grows slower, or faster, does so on both sides.
                ratios.extend(middle(steps) / middle(by_turn[other]) for other in (turn - 1, turn + 1) if other in by_turn)
    if not ratios:
        raise SystemExit("no two neighbouring turns with a whole step each: give --seconds more")
    print(f"{chosen.title}| {statistics.median(exchanging):.1f} | {statistics.median(alone):.1f} | **{statistics.median(ratios):.3f}** ({min(ratios):.3f}–{max(ratios):.3f}) "
          f"| {statistics.median(exchange):.1f} | {len(exchanging)} + {len(alone)} | {averaged} | {len(ratios)} |")


main()
