#!/usr/bin/env bash
# The same questions as study.sh, asked of real workers: processes of examples/Digits over TCP, each with images of its own. Prints tables in Markdown.
#
#   bash benchmarks/study-workers.sh                                     three seeds of everything: about fifteen minutes on two cores
#   bash benchmarks/study-workers.sh --only a --seeds 1
#
# Figures differ a little from run to run, since who is how far when they meet depends on the system.
set -euo pipefail
cd "$(dirname "$0")/.."
data=../shared/data/digits/digits.csv only=a,b,c,d,e seeds="1 2 3" port=46300 out=artifacts/study-workers
while [ $# -gt 0 ]; do
  case $1 in
    --data) data=$2 ;;                 # a CSV file as examples/Digits reads it; "" for synthetic images
    --only) only=$2 ;;
    --seeds) seeds=$2 ;;
    --port) port=$2 ;;
    --out) out=$2 ;;
    *) sed -n '2,/^set/p' "$0" | sed '$d' >&2; exit 2 ;;
  esac
  shift 2
done
images=(); [ -z "$data" ] || images=(--data "$(realpath "$data")")
mkdir -p "$out"
dotnet build -c Release -v quiet --nologo src/Dpwa.Cli >&2
dotnet build -c Release -v quiet --nologo examples/Digits >&2
dpwa() { dotnet src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll "$@"; }

wanted() { [[ ,$only, == *,$1,* ]]; }

heading() {
  printf '\n%s\n\n' "$1"
  echo "| | training loss | test, % | V = Σ‖x − x̄‖² | steps that averaged | without a peer | failed attempts | MB received |"
  echo "|---|---|---|---|---|---|---|---|"
}

# row NAME KEYS OPTIONS...: the workers with these keys of the configuration, separated by semicolons, and these options of the program; means of workers and seeds.
row() {
  local name=$1 keys=$2 seed; shift 2
  rm -f "$out"/figures
  for seed in $seeds; do
    rm -rf "$out"/parameters "$out"/logs
    mkdir "$out"/parameters
    dpwa init --workers "$workers" --port "$port" --force "$out/dpwa.yaml" > "$out/log"
    # The nodes alone: a key that the template gives would count more than the method's.
    sed -i '/^nodes:/,/^$/!d' "$out/dpwa.yaml"
    { echo "transport: tcp"; echo "seed: $seed"; tr ';' '\n' <<< "$keys"; } >> "$out/dpwa.yaml"
    dpwa run --config "$out/dpwa.yaml" --logs "$out/logs" -- dotnet examples/Digits/bin/Release/net10.0/Digits.dll "${images[@]}" --seed "$seed" --json \
      --save "$out/parameters/{name}" "${training[@]}" "$@" >> "$out/log" 2>&1 || { cat "$out/log" >&2; exit 1; }
    cat "$out"/logs/w?*.log | grep '^{' > "$out/results"
    { for field in train_loss test_accuracy averaged without failed bytes_received; do sed -nE "s/.*\"$field\":([0-9.E+-]+).*/\1/p" "$out/results" | awk '{ s += $1 } END { printf "%.9g ", s / NR }'; done
      paste "$out"/parameters/* | awk '{ mean = 0; for (i = 1; i <= NF; i++) mean += $i / NF; for (i = 1; i <= NF; i++) v += ($i - mean) ^ 2 } END { print v }'; } >> "$out/figures"
  done
  awk -v name="$name" '{ for (i = 1; i <= 7; i++) s[i] += $i } END { printf "| %s | %.3f | %.1f | %.3g | %.0f | %.1f | %.1f | %.2f |\n", name, s[1] / NR, 100 * s[2] / NR, s[7] / NR, s[3] / NR, s[4] / NR, s[5] / NR, s[6] / NR / 1e6 }' "$out/figures"
}

if wanted a; then
  workers=4 training=(--steps 500)
  heading "**a** $workers workers with a fair sample each, ${training[*]}, η = 0.05"
  row "delta" "apply: delta" --lr 0.05
  row "parameters with 2η" "apply: parameters" --lr 0.1
  row "parameters" "apply: parameters" --lr 0.05
  row "delta and p = ½" "apply: delta;fetch_probability: 0.5" --lr 0.05
  row "parameters with 4/3 η and p = ½" "fetch_probability: 0.5" --lr 0.066667
  row "parameters and p = ½" "fetch_probability: 0.5" --lr 0.05
fi

if wanted b; then
  workers=8 training=(--steps 1000 --non-iid)
  heading "**b** $workers workers with one or two digits each, ${training[*]}"
  row "pull" "apply: delta"
  row "swap" "method: ad-psgd"
  row "pull and p = ½" "apply: delta;fetch_probability: 0.5"
  row "swap and p = ½" "method: ad-psgd;fetch_probability: 0.5"
  row "pull on matching" "apply: delta;topology: matching"
  row "swap on matching" "method: ad-psgd;topology: matching"
fi

if wanted c; then
  workers=8 training=(--steps 1000 --non-iid)
  heading "**c** $workers workers with one or two digits each, ${training[*]}"
  for topology in random matching hypercube; do row "$topology" "apply: delta;topology: $topology"; done
fi

if wanted d; then
  workers=8 training=(--steps 2000 --non-iid)
  heading "**d** $workers workers with one or two digits each, an exchange every 10 steps, ${training[*]}"
  for gamma in 0 0.6 1 1.4; do row "γ = $gamma" "method: noloco;exchange_every: 10;outer: {gamma: $gamma}"; done
fi

if wanted e; then
  # Ten blocks of 256 parameters; the learning rate makes up for what the parameters form takes of a step.
  workers=8 training=(--steps 1000 --non-iid)
  heading "**e** $workers workers with one or two digits each, ${training[*]}"
  row "100 %" "apply: parameters" --lr 0.1
  row "50 %" "subset: 0.5" --lr 0.066667
  row "30 %" "subset: 0.3" --lr 0.058824
  row "10 %" "subset: 0.1" --lr 0.052632
fi
