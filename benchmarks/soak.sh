#!/usr/bin/env bash
# A long run in which workers die: 8 workers under `dpwa run --restart on-failure`, one of them, drawn at random, killed (kill -9) every 5 seconds; and w9, which never is, so that its memory shows what the
# deaths of the others leave behind. Before it, the same without kills. Each worker pulls its parameters towards values of its own, and so they never agree: how far they are apart is set by exchanges against
# training. Prints a table in Markdown, and fails unless at the end
#   - all are alive and each has averaged with each other one within the last --settle seconds (30), in which none is killed any more;
#   - no parameter was ever torn, not finite, or outside of what can be mixed, and no step was held beyond the exchange deadline (25 s);
#   - memory is flat: w9's resident memory, last quarter of the run against the first, has grown by less than --growth percent (10), and so has that of all together from a fifth of the run (minute 2) to its end: at both
#     times the mean of half a minute, of each worker's process that lives then;
#   - the consensus distance of the last seconds is within --factor (1.5) of what it is without kills.
#
#   bash benchmarks/soak.sh [SECONDS]                                    600 s with kills, 120 s without: thirteen minutes
#   bash benchmarks/soak.sh 40 --control 20 --settle 12 --growth 30      a minute and a half; a process that is so young still grows
#
# A worker that is killed again soon after waits longer for its restart (1, 2, 4 ... 30 s: see docs/cli.md). What is measured is not speed; any machine will do.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=600 control=120 every=5 settle=30 parameters=262144 pause=50 transport=auto factor=1.5 growth=10 seed=1 port=46500 out=artifacts/soak
if [ $# -gt 0 ] && [[ $1 =~ ^[0-9]+$ ]]; then seconds=$1; shift; fi
while [ $# -gt 0 ]; do
  case $1 in
    --control) control=$2 ;;           # seconds of the run without kills
    --every) every=$2 ;;               # seconds from kill to kill
    --settle) settle=$2 ;;             # seconds after the last kill
    --parameters) parameters=$2 ;;     # float32 values of the model
    --pause) pause=$2 ;;               # milliseconds of a step that are not computing
    --transport) transport=$2 ;;       # auto (here: shared memory), tcp or shared_memory
    --factor) factor=$2 ;;
    --growth) growth=$2 ;;
    --seed) seed=$2 ;;
    --port) port=$2 ;;
    --out) out=$2 ;;
    *) sed -n '2,/^set/p' "$0" | sed '$d' >&2; exit 2 ;;
  esac
  shift 2
done
workers=9
mkdir -p "$out"
dotnet build -c Release -v quiet --nologo src/Dpwa.Cli >&2
dotnet build -c Release -v quiet --nologo tests/Dpwa.TestWorker >&2
dpwa() { dotnet src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll "$@"; }
{ echo "nodes:"; for i in $(seq $workers); do echo "  - {name: w$i, host: 127.0.0.1, port: $((port + i))}"; done; echo "transport: $transport"; echo "seed: $seed"; } > "$out/dpwa.yaml"

# A worker allocates so little that the runtime collects once in some minutes, and until then its memory rises with what has been thrown away: up to 18 MB here. With less room for that (4 MB, in hexadecimal) it
# shows what is kept.
export DOTNET_GCgen0size=400000

# start RUN: the workers, until stop; what they say is in $out/RUN, and what happens to them in $out/RUN.events.
run="" supervisor=""
start() {
  run=$1
  rm -rf "${out:?}/$run"
  dpwa run --config "$out/dpwa.yaml" --logs "$out/$run" --restart on-failure --json -- \
    dotnet tests/Dpwa.TestWorker/bin/Release/net10.0/Dpwa.TestWorker.dll mix "$parameters" "$pause" quiet > "$out/$run.events" 2> "$out/$run.errors" &
  supervisor=$!
}
stop() { dpwa stop --logs "$out/$run" > /dev/null; wait "$supervisor" || true; run=""; }
trap '[ -z "$run" ] || stop' EXIT

# process WORKER: its present one, if it has one.
process() {
  local id; id=$(sed -nE "s/^\{\"event\":\"started\",\"worker\":\"$1\",\"processId\":([0-9]+).*/\1/p" "$out/$run.events" | tail -1)
  if [ -n "$id" ] && kill -0 "$id" 2> /dev/null; then echo "$id"; fi
}

start control
sleep "$control"
date +%s > "$out/control.end"
stop

start killed
RANDOM=$seed
sleep 10
date +%s > "$out/killed.begin"
kills=0
for ((at = 10 + every; at <= seconds - settle; at += every)); do
  sleep "$every"
  # Of those that run now: one that waits for its restart is dead already.
  id="" tries=0
  until [ -n "$id" ] || [ $((++tries)) -gt 200 ]; do id=$(process "w$((RANDOM % 8 + 1))"); done
  [ -n "$id" ] && kill -9 "$id" && kills=$((kills + 1))
done
# Who was killed last may wait for half a minute.
for _ in $(seq 45); do
  alive=0; for i in $(seq $workers); do [ -z "$(process "w$i")" ] || alive=$((alive + 1)); done
  [ "$alive" -lt $workers ] || break
  sleep 1
done
sleep "$settle"
alive=0; for i in $(seq $workers); do [ -z "$(process "w$i")" ] || alive=$((alive + 1)); done
date +%s > "$out/killed.end"
stop

python3 - "$out" $workers "$alive" "$kills" "$settle" "$factor" "$growth" "$seconds" "$every" <<'PYTHON'
import collections, statistics as st, sys
out, workers, alive, kills, settle, factor, growth, seconds, every = sys.argv[1], *map(float, sys.argv[2:])
names = [f"w{i}" for i in range(1, int(workers) + 1)]
failures = []

def read(run):
    """What each worker said of itself: name -> second -> (lowest, highest, figures, peers)."""
    said = {name: {} for name in names}
    for name in names:
        for line in open(f"{out}/{run}/{name}.log", errors="replace"):
            words = line.split()
            # A line may have been cut short by a kill.
            if len(words) >= 21 and words[0] == "at" and words[20] == "with":
                said[name][int(words[1])] = float(words[3]), float(words[5]), dict(zip(words[6:20:2], map(float, words[7:20:2]))), set(words[21].split(",")) if len(words) > 21 else set()
    return said

def whole(said):
    for name in names:
        for second, (low, high, figures, _) in said[name].items():
            if not (high - low <= 1e-5 * high and 1 - 1e-5 <= low and high <= workers * (1 + 1e-5)):
                failures.append(f"{name} has torn parameters, or values that cannot come from mixing, at {second}: {low} to {high}")

def distance(said, first, last):
    """V = sum |x - mean|^2 over the workers that run, for each second in which several do."""
    found = []
    for second in range(first, last + 1):
        v = [said[name][second][0] for name in names if second in said[name]]
        if len(v) > 1: found.append((len(v), sum((x - st.mean(v)) ** 2 for x in v)))
    return found

def mean_v(said, first, last): return st.mean(v for _, v in distance(said, first, last))

end = {run: int(open(f"{out}/{run}.end").read()) for run in ("control", "killed")}
begin = int(open(f"{out}/killed.begin").read())
control, killed = read("control"), read("killed")
whole(control); whole(killed)
control_from = min(second for second in control["w9"]) + 10
quiet = end["killed"] - int(settle)
v_control, v_during, v_end = mean_v(control, control_from, end["control"] - 1), mean_v(killed, begin, quiet), mean_v(killed, quiet + 1, end["killed"] - 1)
lasting = [second for second in killed["w9"] if begin <= second < end["killed"]]
quarter = (max(lasting) - min(lasting)) // 4
def memory(key, first, last): return st.mean(killed["w9"][second][2][key] for second in lasting if first <= second <= last) / 1e3
rss = memory("rss_kb", min(lasting), min(lasting) + quarter), memory("rss_kb", max(lasting) - quarter, max(lasting))
heap = memory("heap_kb", min(lasting), min(lasting) + quarter), memory("heap_kb", max(lasting) - quarter, max(lasting))
threads = max(killed["w9"][second][2]["threads"] for second in lasting)
grown = 100 * (rss[1] / rss[0] - 1)
total = collections.Counter(); held = 0
for said in killed.values():
    for _, _, figures, _ in said.values():
        total["averaged"] += figures["averaged"]; total["failed"] += figures["failed"]; held = max(held, figures["worst_ms"])
missing = [f"{a} with {b}" for a in names for b in names if a != b and not any(b in killed[a][second][3] for second in killed[a] if second > quiet)]

def resident(name, around):
    there = [figures["rss_kb"] / 1e3 for second, (_, _, figures, _) in killed[name].items() if abs(second - around) <= 15]
    return st.mean(there) if there else None

# A worker of which nothing is known at one of the times, because it waited for its restart, counts at neither.
early, late = begin - 10 + seconds / 5, end["killed"] - 15
each = {name: (resident(name, early), resident(name, late)) for name in names}
both = [pair for pair in each.values() if None not in pair]
together = 100 * (sum(b for _, b in both) / sum(a for a, _ in both) - 1)

print(f"{seconds:g} s, a kill every {every:g} s")
print()
print("| | with kills | without |")
print("|---|---|---|")
print(f"| kill -9 | {kills:.0f} | 0 |")
print(f"| workers alive at the end | {alive:.0f} of {workers:.0f} | |")
print(f"| pairs that averaged in the last {settle:g} s, each direction | {workers * (workers - 1) - len(missing):.0f} of {workers * (workers - 1):.0f} | |")
print(f"| steps that averaged, and that did not | {total['averaged']:.0f}, {total['failed']:.0f} | |")
print(f"| longest that a step was held, ms | {held:.0f} | |")
print(f"| consensus distance V at the end | {v_end:.3g} | {v_control:.3g} |")
print(f"| V while they are killed | {v_during:.3g} | |")
print(f"| memory of w9 (VmRSS), MB, first and last quarter | {rss[0]:.1f}, {rss[1]:.1f} ({grown:+.1f} %) | |")
print(f"| its managed heap, MB | {heap[0]:.1f}, {heap[1]:.1f} | |")
print(f"| its threads at most | {threads:.0f} | |")
print()
print(f"| VmRSS, MB | {' | '.join(names)} | all, change |")
print("|---|" + "---|" * (len(names) + 1))
for when, index in ((f"after {seconds / 5:g} s", 0), ("at the end", 1)):
    print(f"| {when} | " + " | ".join("–" if pair[index] is None else f"{pair[index]:.1f}" for pair in each.values()) + (" | |" if index == 0 else f" | {together:+.1f} % |"))
print()
if together > growth: failures.append(f"the memory of all has grown by {together:.1f} %; the bound is {growth:g} %")
if alive != workers: failures.append(f"only {alive:.0f} of {workers:.0f} are alive")
if missing: failures.append(f"did not average in the last {settle:g} s: {', '.join(missing)}")
if held > 25_000: failures.append(f"a step was held for {held:.0f} ms")
if grown > growth: failures.append(f"w9's memory has grown by {grown:.1f} %; the bound is {growth:g} %")
if v_end > factor * v_control: failures.append(f"the consensus distance is {v_end / v_control:.2f} times what it is without kills; the bound is {factor:g}")
if kills == 0: failures.append("nobody was killed")
if failures: sys.exit("\n".join(failures))
print(f"All alive and exchanging, parameters whole, memory flat, and the consensus distance {v_end / v_control:.2f} times what it is without kills.")
PYTHON
