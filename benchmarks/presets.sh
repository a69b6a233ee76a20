#!/usr/bin/env bash
# Every preset of `method` over real sockets: 8 workers of examples/Digits, each a process with images of its own that no other ever sees. Prints a table in
# Markdown, and fails when the worst worker of any preset tells less than --least of the test right.
#
#   bash benchmarks/presets.sh                                           8 workers, 7 presets, 2,000 steps: a minute or two
#   bash benchmarks/presets.sh --non-iid                                 each worker has only two or three of the ten digits
#   bash benchmarks/presets.sh --steps 500 --workers 4 --methods "ad-psgd gosgd" --transport auto
#
# Beside them the same workers without exchanges (what each learns from its images alone), and one worker that has all images, both with as many steps. By
# default --least is more than the best of the former reaches. Every preset is as documented, except what override says below; sparta's fraction, 0.005,
# is here the least there is, one of the model's ten blocks. What is measured is what they learn, not how fast: any machine will do.
set -euo pipefail
cd "$(dirname "$0")/.."
data=../shared/data/digits/digits.csv workers=8 steps=2000 methods="dpwa gossip-push gosgd ad-psgd elastic noloco sparta" transport=tcp parts="" least="" pause=2 seed=1 port=46200
out=artifacts/presets
while [ $# -gt 0 ]; do
  case $1 in
    --non-iid) parts=--non-iid; shift; continue ;;
    --data) data=$2 ;;                 # a CSV file as examples/Digits reads it
    --workers) workers=$2 ;;
    --steps) steps=$2 ;;
    --methods) methods=$2 ;;
    --transport) transport=$2 ;;       # tcp, auto or shared_memory
    --least) least=$2 ;;               # percent of the test that the worst worker must tell right
    --pause) pause=$2 ;;               # milliseconds of a step that are not computing
    --seed) seed=$2 ;;
    --port) port=$2 ;;
    --out) out=$2 ;;
    *) sed -n '2,/^set/p' "$0" | sed '$d' >&2; exit 2 ;;
  esac
  shift 2
done
least=${least:-$([ -n "$parts" ] && echo 85 || echo 94.5)}
data=$(realpath "$data")
mkdir -p "$out"
dotnet build -c Release -v quiet --nologo src/Dpwa.Cli >&2
dotnet build -c Release -v quiet --nologo examples/Digits >&2
dpwa() { dotnet src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll "$@"; }
program=(dotnet examples/Digits/bin/Release/net10.0/Digits.dll --data "$data" --steps "$steps" --seed "$seed" --json)

# override METHOD: what is otherwise than documented, and why.
override() {
  case $1$parts in
    alone*) echo "fetch_probability: 0" ;;
    # In 50 steps on two or three digits a worker forgets the others, and 2,000 steps would have only 40 exchanges, each with one peer, to make up for it.
    noloco--non-iid) echo "exchange_every: 10" ;;
  esac
}

# run ROW: the workers, with what they say in $out/logs and their parameters in $out/parameters.
run() {
  local row=$1 method=$1
  [ "$row" != alone ] || method=dpwa
  rm -rf "$out"/parameters "$out"/logs
  mkdir "$out"/parameters
  dpwa init --workers "$workers" --port "$port" --force "$out/$row.yaml" > "$out/log"
  # The template spells every default out, and a key that is given would count more than the preset's.
  sed -i '/^nodes:/,/^$/!d' "$out/$row.yaml"
  { echo "method: $method"; echo "transport: $transport"; echo "seed: $seed"; override "$row"; } >> "$out/$row.yaml"
  dpwa run --config "$out/$row.yaml" --logs "$out/logs" -- "${program[@]}" --pause "$pause" $parts --save "$out/parameters/{name}" >> "$out/log" 2>&1 ||
    { cat "$out/log" >&2; exit 1; }
  cat "$out"/logs/w?*.log | grep '^{' > "$out/$row.jsonl"
}

# column NAME < results: its value of each worker.
column() { sed -nE "s/.*\"$1\":([0-9.E+-]+).*/\1/p"; }

# spread: how far apart the workers are at the end, sqrt(mean ‖x_i − x̄‖²) in percent of ‖x̄‖.
spread() {
  paste "$out"/parameters/* | awk '
    { mean = 0; for (i = 1; i <= NF; i++) mean += $i / NF; norm += mean * mean; for (i = 1; i <= NF; i++) apart += ($i - mean) ^ 2 / NF }
    END { printf "%.2g", 100 * sqrt(apart / norm) }'
}

failed=""
# row NAME FILE SPREAD: its line of the table.
row() {
  local accuracy; accuracy=$(column test_accuracy < "$2" | sort -g | awk '{ a[NR] = 100 * $1; s += 100 * $1 } END { printf "%.1f | %.1f | %.1f", a[1], s / NR, a[NR] }')
  local counts; counts=$(for name in averaged without failed bytes_received; do column $name < "$2" | awk '{ s += $1 } END { print s / NR }'; done | awk '{ v[NR] = $1 } END { printf "%.0f | %.1f | %.1f | %.2f", v[1], v[2], v[3], v[4] / 1e6 }')
  echo "| $1 | $accuracy | $counts | $3 |"
  worst=${accuracy%% *}
}

echo "$workers workers, ${parts:-a fair sample each}, $steps steps, transport $transport, seed $seed"
echo
echo "| preset | worst, % | mean, % | best, % | steps that averaged | steps without a peer | failed attempts | MB received | apart at the end, % |"
echo "|---|---|---|---|---|---|---|---|---|"
"${program[@]}" --pause 0 > "$out/all.jsonl"
row "one worker with all images" "$out/all.jsonl" –
run alone
row "without exchanges" "$out/alone.jsonl" "$(spread)"
for method in $methods; do
  run "$method"
  settings=$(override "$method" | tr '\n' ' ')
  row "$method${settings:+, \`${settings% }\`}" "$out/$method.jsonl" "$(spread)"
  awk -v worst="$worst" -v least="$least" 'BEGIN { exit worst >= least }' || continue
  failed+=" $method ($worst %)"
done
[ -z "$failed" ] || { echo "The worst worker is below $least %:$failed" >&2; exit 1; }
echo
echo "Every worker of every preset tells at least $least % right."
