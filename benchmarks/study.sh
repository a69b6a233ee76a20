#!/usr/bin/env bash
# Which setting does what: the study of docs/results.md, in the simulator. For each question a plot, study-*.svg, the figures of every round as CSV, and a table in
# Markdown. Everything is virtual: the same figures on any machine, whatever else it does.
#
#   bash benchmarks/study.sh                                             all of them: about five minutes, most of it for e
#   bash benchmarks/study.sh --plots docs/images                         … and the plots into the documentation
#   bash benchmarks/study.sh --only a,b                                  some of them
set -euo pipefail
cd "$(dirname "$0")/.."
out=artifacts/study plots="" only=a,b,c,d,e
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 ;;
    --plots) plots=$2 ;;               # a directory; by default --out
    --only) only=$2 ;;
    *) sed -n '2,/^set/p' "$0" | sed '$d' >&2; exit 2 ;;
  esac
  shift 2
done
plots=${plots:-$out}
mkdir -p "$out" "$plots"
dotnet build -c Release -v quiet --nologo src/Dpwa.Cli >&2

wanted() { [[ ,$only, == *,$1,* ]]; }

# simulate NAME OPTIONS...: its plot and its figures. A tenth of a pixel is enough for a plot, and words need no place for each letter: that is half of the file.
simulate() {
  local name=$1 word plot=$plots; shift
  case $name in *-unequal | c-noise) plot=$out ;; esac # The table says it.
  printf '\n**%s**\n\n```sh\ndpwa simulate' "$name"
  for word in "$@"; do
    [[ $word == --variant ]] && printf ' \\\n '
    [[ $word == *[\ \;\{]* ]] && printf ' "%s"' "$word" || printf ' %s' "$word"
  done
  printf '\n```\n\n'
  dotnet src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll simulate "$@" --csv --plot "$plot/study-$name.svg" > "$out/$name.csv"
  sed -i -E '/^\s*</ { s/^\s+//; s/([0-9]\.[0-9])[0-9]+/\1/g; s/ stroke-miterlimit="4"//; s/ ([xy])="([-0-9.]+), [-0-9., ]*"/ \1="\2"/g }' "$plot/study-$name.svg"
}

# table NAME ROUNDS...: consensus distance and losses after these rounds, the bytes at the last.
table() {
  local name=$1; shift
  awk -F, -v rounds="$*" '
    BEGIN {
      last = split(rounds, at, " ")
      head = "| |"; line = "|---|"
      for (i = 1; i <= last; i++) { head = head " V, round " at[i] " | loss | workers’ loss |"; line = line "---|---|---|" }
      print head " bytes a node |"; print line "---|"
    }
    NR > 1 {
      if (!($9 in seen)) { seen[$9]; names[++count] = $9 }
      for (i = 1; i <= last; i++) if ($3 == at[i]) cells[$9] = cells[$9] sprintf(" %.3g | %.4g | %.4g |", $5, $7, $8)
      bytes[$9] = $6
    }
    END { for (i = 1; i <= count; i++) printf "| %s |%s %.0f |\n", names[i], cells[names[i]], bytes[names[i]] }' "$out/$name.csv"
}

if wanted a; then # Parameters form against delta form; η is 0.1, and 0.1 ÷ (1 − p/2) makes up for the form.
  simulate a --problem logistic --nodes 16 --rounds 200 --repeat 5 --lr 0.1 \
    --variant "delta: apply=delta" --variant "parameters with 2η: lr=0.2" --variant "parameters: " \
    --variant "delta and p = ½: apply=delta; fetch_probability=0.5" --variant "parameters with 4/3 η and p = ½: lr=0.13333; fetch_probability=0.5" --variant "parameters and p = ½: fetch_probability=0.5"
  table a 50 100 200
  # Half of the nodes 10 % slower, so that they meet at any point of each other's steps: what is fetched is half a step old on average.
  simulate a-unequal --problem logistic --nodes 16 --rounds 200 --repeat 5 --lr 0.1 --stragglers 8x1.1 --set apply=delta \
    --variant "p = 1: " --variant "p = ½: fetch_probability=0.5" --variant "no exchanges: fetch_probability=0"
  table a-unequal 50 100 200
fi

if wanted b; then # Pull against swap, both in delta form.
  swaps=(--variant "pull: apply=delta" --variant "swap: method=ad-psgd" --variant "pull and p = ½: apply=delta; fetch_probability=0.5" --variant "swap and p = ½: method=ad-psgd; fetch_probability=0.5" \
    --variant "pull on matching: apply=delta; topology=matching" --variant "swap on matching: method=ad-psgd; topology=matching")
  simulate b-consensus --nodes 64 --dim 64 --rounds 40 --repeat 50 "${swaps[@]}"
  table b-consensus 10 20 40
  simulate b-unequal --nodes 64 --dim 64 --rounds 40 --repeat 50 --stragglers 32x1.3 "${swaps[@]}"
  table b-unequal 10 20 40
  simulate b-logistic --problem logistic --non-iid --nodes 16 --rounds 300 --repeat 10 "${swaps[@]}" --variant "all-reduce: method=all-reduce"
  table b-logistic 50 100 300
fi

if wanted c; then # Random against hypercube; pulls in delta form.
  topologies=(--set apply=delta --variant "random: topology=random" --variant "random with 1 % failing: topology=random; failure-rate=0.01" \
    --variant "hypercube: topology=hypercube" --variant "hypercube with 1 % failing: topology=hypercube; failure-rate=0.01")
  simulate c-consensus --nodes 512 --dim 16 --rounds 20 --repeat 10 "${topologies[@]}"
  table c-consensus 5 9 10 15 20
  simulate c-noise --problem quadratic --curvature 0 --nodes 512 --dim 16 --rounds 60 --repeat 3 "${topologies[@]}"
  table c-noise 10 30 60
fi

if wanted d; then # NoLoCo with and without γ. α is 0.5, so the bound is 1.5.
  gammas=(--set method=noloco --set exchange_every=10)
  for gamma in 0 0.6 1 1.4 1.49; do gammas+=(--variant "γ = $gamma: outer={gamma: $gamma}"); done
  simulate d-noise --problem quadratic --curvature 0 --nodes 16 --dim 16 --rounds 2000 --repeat 10 --lr 0.02 "${gammas[@]}"
  table d-noise 100 500 1000 2000
  simulate d-logistic --problem logistic --non-iid --nodes 16 --rounds 2000 --lr 0.1 --repeat 3 "${gammas[@]}" --variant "all-reduce after each step: method=all-reduce"
  table d-logistic 100 500 1000 2000
fi

if wanted e; then # Which part of the parameters: 51,210, in 201 blocks, of which 0.5 % is one. Where f of them move, the form keeps 1 − f/2 of a step: the rate makes up for it.
  subsets=(--variant "100 %: lr=0.1")
  for percent in 25 10 5 1 0.5; do
    subsets+=(--variant "$percent %: subset=$(awk "BEGIN { print $percent / 100 }"); lr=$(awk "BEGIN { print 0.05 / (1 - $percent / 200) }")")
  done
  for nodes in 8 16 64; do
    simulate "e-$nodes" --problem logistic --non-iid --dim 5120 --batch 4 --nodes "$nodes" --rounds 100 "${subsets[@]}"
    table "e-$nodes" 20 50 100
  done
fi
