#!/usr/bin/env bash
# What an exchange every step costs a step of examples/Cifar10: PreActResNet18 (45 MB), two workers on a core each, one thread each. Prints a table in Markdown.
#
#   bash benchmarks/steptime.sh                                            batches of 128 and of 8, over the transport that the workers choose; 11 minutes
#   bash benchmarks/steptime.sh --pairs 6 --batches 8                      a minute and a half
#   bash benchmarks/steptime.sh --transports tcp,shared_memory --data ../shared/data/cifar10-ci
#
# Both workers exchange for some seconds, then train alone for as many, and so on, within one run: what is compared then has the same process, memory and
# compiled code and lies seconds apart, where two runs differ in all of these by more than an exchange costs. The turns go by the clock, so that nobody serves
# a peer while it counts as alone; alone means that nothing is published either. Steps at a turn's edges are not counted.
# CPU time (all threads of a worker, what it does for its peer included) says the same where others use the machine too.
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=6 batches=128,8 seconds="" transports=auto data=() model=preactresnet18 port=46000
while [ $# -gt 0 ]; do
  case $1 in
    --pairs) pairs=$2 ;;                    # how often both are measured
    --batches) batches=$2 ;;
    --seconds) seconds=$2 ;;                # of one turn; by default 40 for batches of 64 and more, else 5; short turns see the same machine
    --transports) transports=$2 ;;
    --data) data=(--data "$(realpath "$2")") ;;   # by default synthetic images
    --model) model=$2 ;;
    --port) port=$2 ;;
    *) sed -n '2,/^set/p' "$0" | sed '$d' >&2; exit 2 ;;
  esac
  shift 2
done
dotnet build -c Release -v quiet --nologo src/Dpwa.Cli >&2
dotnet build -c Release -v quiet --nologo examples/Cifar10 >&2
cli=src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=1

echo "| batch | transport | exchanged with every step, ms | alone, ms | ratio, median of the pairs (lowest–highest) | ratio of CPU times | in UpdateSend and UpdateWait, ms | steps with + without | of them averaged | pairs |"
echo "|---|---|---|---|---|---|---|---|---|---|"
for batch in ${batches//,/ }; do
  turn=${seconds:-$([ "$batch" -ge 64 ] && echo 40 || echo 5)}
  for transport in ${transports//,/ }; do
    rm -rf "$work/trace"
    dotnet $cli init --workers 2 --port "$port" --force "$work/dpwa.yaml" > /dev/null
    sed -i '/^transport:/d' "$work/dpwa.yaml"
    echo "transport: $transport" >> "$work/dpwa.yaml"
    # The first turn has begun already when training begins, and does not count.
    timeout --foreground -s TERM $((turn * (2 * pairs + 1) + 10)) \
      dotnet $cli run --config "$work/dpwa.yaml" --logs "$work/logs" --grace 120 -- \
      dotnet examples/Cifar10/bin/Release/net10.0/Cifar10.dll --model "$model" "${data[@]}" --batch-size "$batch" --epochs 100000 --lr 0.001 \
      --threads 1 --alternate "$turn" --trace "$work/trace" --checkpoint-dir "$work/checkpoints" --json > "$work/out" 2>&1 || [ $? -ne 2 ] || { cat "$work/out" >&2; exit 1; }
    python3 -B benchmarks/steptime.py --turn "$turn" --title "| $batch | $transport " "$work"/trace/*.csv || { cat "$work/out" >&2; exit 1; }
  done
done
