#!/usr/bin/env bash
# Four workers of examples/Cifar10 (LeNet) with and without exchanges, for docs/results.md. Prints a table in Markdown.
#
#   bash benchmarks/train.sh DIR EPOCHS [DIR EPOCHS ...]     for example: bash benchmarks/train.sh ../shared/data/mnist 3
#
# "With" and "without" run in turn, each pair right after the other, so that a machine that drifts slows both. Without is the same
# program and configuration with fetch_probability 0.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
dotnet build -c Release -v quiet --nologo src/Dpwa.Cli >&2
dotnet build -c Release -v quiet --nologo examples/Cifar10 >&2
dpwa() { dotnet "$root/src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll" "$@"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dpwa init --workers 4 "$work/with.yaml" > /dev/null
{ cat "$work/with.yaml"; echo "fetch_probability: 0"; } > "$work/without.yaml"

# The last line of a worker's log is its summary as JSON.
field() { sed -nE "s/.*\"$1\":([0-9.E+-]+).*/\1/p"; }
accuracies() { for log in "$work"/logs/w?.log; do tail -n 1 "$log" | field test_accuracy; done; }

echo "| data | parts | epochs | exchanges | test accuracy of the four workers | mean | seconds an epoch (median) | averaged / failed |"
echo "|---|---|---|---|---|---|---|---|"
while [ $# -ge 2 ]; do
  data=$(realpath "$1") epochs=$2; shift 2
  for parts in "" --by-label; do
    for mode in with without; do
      dpwa run --config "$work/$mode.yaml" --logs "$work/logs" -- dotnet "$root/examples/Cifar10/bin/Release/net10.0/Cifar10.dll" \
        --data "$data" --epochs "$epochs" $parts --json --checkpoint-dir "$work/checkpoints" > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
      each=$(accuracies | awk '{ printf "%s%.1f", (NR > 1 ? ", " : ""), $1 * 100 }')
      mean=$(accuracies | awk '{ s += $1 } END { printf "%.1f", s / NR * 100 }')
      seconds=$(cat "$work"/logs/w?.log | grep '^{' | grep -oE '"seconds":[0-9.]+' | cut -d: -f2 | sort -n | awk '{ v[NR] = $1 } END { printf "%.1f", v[int((NR + 1) / 2)] }')
      counts=$(cat "$work"/logs/w?.log | grep '^{' | awk -F'"exchanges":' '{ split($2, a, /[,:]/); e += a[1]; f += a[3] } END { print e " / " f }')
      echo "| $(basename "$data") | ${parts:-at random} | $epochs | $mode | $each % | $mean % | $seconds | $counts |"
    done
  done
done
