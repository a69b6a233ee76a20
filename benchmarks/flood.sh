#!/usr/bin/env bash
# What a flood of connections costs: two workers exchange without a pause, over TCP, while another process holds 1,000 connections open to each of them,
#   silent   which send nothing,
#   drip     or one byte a second; those that the workers close, or turn away, are opened again within a second;
#   renewed  which send nothing, and are opened again within --renew-ms (50): as many connections a second as one core can open.
# Prints a table in Markdown, and fails when a flood
#   - makes an exchange longer by more than --slower percent (20), or a renewed one by more than --renewed-slower (100): the medians of pairs, a quiet phase and a flooded one right behind it, the floods in turn; or
#   - makes more steps fail than fail in the quiet phases; or
#   - adds more than --memory-mb (50) to what a worker takes before the first flood, however many are opened.
#
#   bash benchmarks/flood.sh                                             5 rounds of 6 phases for models of 1 and of 45 MB: ten minutes
#   bash benchmarks/flood.sh --rounds 1 --seconds 6 --parameters 250000  less than a minute
#
# Who floods runs on the same machine, with lowest priority, and what it takes of the CPU counts as the workers' loss: with two cores no others are there to take it from.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=5 seconds=10 connections=1000 parameters="250000 11250000" slower=20 renewed_slower=100 memory_mb=50 max_connections="" renew_ms=50 pause=0 port=46400 out=artifacts/flood
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2 ;;
    --seconds) seconds=$2 ;;                    # of a phase; the first two do not count
    --connections) connections=$2 ;;            # to each worker
    --parameters) parameters=$2 ;;              # float32 values of the model, or several such numbers
    --slower) slower=$2 ;;
    --renewed-slower) renewed_slower=$2 ;;
    --memory-mb) memory_mb=$2 ;;
    --max-connections) max_connections=$2 ;;    # of the configuration; by default none, and so 256
    --renew-ms) renew_ms=$2 ;;
    --pause) pause=$2 ;;                        # milliseconds of a worker's step that are not computing; with one, an exchange is what the step is held for
    --port) port=$2 ;;
    --out) out=$2 ;;
    *) sed -n '2,/^set/p' "$0" | sed '$d' >&2; exit 2 ;;
  esac
  shift 2
done
mkdir -p "$out"
dotnet build -c Release -v quiet --nologo tests/Dpwa.TestWorker >&2
worker=(dotnet tests/Dpwa.TestWorker/bin/Release/net10.0/Dpwa.TestWorker.dll)
pids=()
trap 'kill "${pids[@]}" 2> /dev/null || true; wait' EXIT
# A connection is a descriptor on both sides.
ulimit -n "$(ulimit -Hn)"

{ printf 'nodes:\n'; for i in 1 2; do echo "  - {name: w$i, host: 127.0.0.1, port: $((port + i))}"; done
  echo "transport: tcp"; [ -z "$max_connections" ] || echo "max_connections: $max_connections"; } > "$out/dpwa.yaml"

# phase NAME: how it was there, added to $out/phases as: size name from to.
phase() {
  local name=$1 flood="" from how=$1 renewal=1000
  if [ "$name" = renewed ]; then how=silent renewal=$renew_ms; fi
  if [ "$name" != quiet ]; then
    nice -n 19 "${worker[@]}" flood "$how" "$connections" "$renewal" "127.0.0.1:$((port + 1))" "127.0.0.1:$((port + 2))" > "$out/flood-$size-$name.log" &
    flood=$!; pids+=("$flood")
  fi
  from=$(($(date +%s) + 3))
  sleep "$seconds"
  echo "$size $name $from $(date +%s)" >> "$out/phases"
  if [ -n "$flood" ]; then kill "$flood"; wait "$flood" 2> /dev/null || true; fi
}

: > "$out/phases"
for size in $parameters; do
  for i in 1 2; do DPWA_NAME=w$i DPWA_CONFIG="$out/dpwa.yaml" "${worker[@]}" mix "$size" "$pause" quiet > "$out/w$i-$size.log" & pids+=($!); workers[i]=$!; done
  # Until what the runtime compiles is compiled.
  sleep 5
  for round in $(seq "$rounds"); do for flood in silent drip renewed; do phase quiet; phase $flood; done; done
  phase quiet
  kill "${workers[@]}"; wait "${workers[@]}" || { tail -n 3 "$out"/w?-"$size".log >&2; exit 1; }
done

python3 - "$out" "$slower" "$renewed_slower" "$memory_mb" "$connections" <<'PYTHON'
import re, statistics as st, sys
out, slower, renewed_slower, bound_mb, connections = sys.argv[1], *map(float, sys.argv[2:5]), sys.argv[5]
phases = [(int(size), name, int(first), int(last)) for size, name, first, last in (line.split() for line in open(f"{out}/phases"))]

def samples(size, first, last):
    """Of both workers: the lines of these seconds, as maps from names to values."""
    for w in (1, 2):
        for line in open(f"{out}/w{w}-{size}.log"):
            words = line.split()
            if words[0] == "at" and first <= int(words[1]) <= last:
                yield dict(zip(words[6:20:2], map(float, words[7:20:2])))

def figures(phase):
    lines = list(samples(phase[0], *phase[2:]))
    took = [l["median_ms"] for l in lines if l["averaged"]]
    if not took:
        sys.exit(f"no exchange in a whole phase: {phase}")
    total = lambda name: sum(l[name] for l in lines)
    return dict(ms=st.median(took), worst=max(l["worst_ms"] for l in lines), averaged=total("averaged"), failed=total("failed"),
                rss=max(l["rss_kb"] for l in lines), heap=max(l["heap_kb"] for l in lines), threads=max(l["threads"] for l in lines))

failures = []
print(f"| model, MB | connections | exchange, ms | longest, ms | longer than in quiet, % | steps that averaged | failed | memory of a worker (VmRSS), MB | managed heap, MB | threads | opened in the last phase |")
print("|---|---|---|---|---|---|---|---|---|---|---|")
for size in dict.fromkeys(p[0] for p in phases):
    mine = [(p[1], figures(p)) for p in phases if p[0] == size]
    quiet = [f for name, f in mine if name == "quiet"]
    for name in ("quiet", "silent", "drip", "renewed"):
        these = [f for n, f in mine if n == name]
        m = lambda key: st.median(f[key] for f in these)
        row = [f"{size * 4 / 1e6:g}", {"quiet": "none", "silent": f"{connections} silent", "drip": f"{connections}, a byte a second", "renewed": f"{connections} silent, renewed at once"}[name], f"{m('ms'):.2f}", f"{max(f['worst'] for f in these):.0f}"]
        longer, opened = "–", "–"
        if name != "quiet":
            longer = 100 * (st.median(f["ms"] / before["ms"] for (_, before), (n, f) in zip(mine, mine[1:]) if n == name) - 1)
            opened = sum(int(l.split()[-1]) for l in [*open(f"{out}/flood-{size}-{name}.log")][-2:])
            failed = sum(f["failed"] for f in these) / len(these) - sum(f["failed"] for f in quiet) / len(quiet)
            grown = max(f["rss"] for f in these) - max(f["rss"] for f in quiet[:1])
            allowed = renewed_slower if name == "renewed" else slower
            if longer > allowed: failures.append(f"{row[0]} MB, {row[1]}: an exchange takes {longer:.0f} % longer; the bound is {allowed:g} %")
            if failed > 0: failures.append(f"{row[0]} MB, {row[1]}: {failed:.1f} more steps fail in a phase than in quiet")
            if grown > 1e3 * bound_mb: failures.append(f"{row[0]} MB, {row[1]}: a worker takes {grown / 1e3:.0f} MB more; the bound is {bound_mb:g} MB")
            longer = f"{longer:+.1f}"
        print("| " + " | ".join([*row, longer, f"{sum(f['averaged'] for f in these):.0f}", f"{sum(f['failed'] for f in these):.0f}", f"{max(f['rss'] for f in these) / 1e3:.0f}",
                                 f"{max(f['heap'] for f in these) / 1e3:.0f}", f"{max(f['threads'] for f in these):.0f}", f"{opened}"]) + " |")
print()
if failures:
    sys.exit("\n".join(failures))
print(f"No exchange is more than {slower:g} % longer ({renewed_slower:g} % where they are renewed at once), no step more fails, and no worker takes more than {bound_mb:g} MB more.")
PYTHON
