#!/usr/bin/env bash
# Time to 97 % on MNIST with one and two workers: examples/Cifar10 (TorchSharp, peers averaged in the background) against PyTorch (gradients averaged by
# gloo's all-reduce); the same LeNet, batches, optimizer and learning rate. Prints tables in Markdown, and writes the curves as CSV and a plot.
#
#   bash benchmarks/mnist.sh                                             3 rounds, 2 epochs: 6 to 10 minutes
#   bash benchmarks/mnist.sh --rounds 1 --epochs 1                       a minute or two
#   bash benchmarks/mnist.sh --data ../shared/data/mnist --plot docs/images/mnist-time-to-97.svg --out artifacts/mnist
#   bash benchmarks/mnist.sh --rounds 0                                  only the tables and the plot, from what --out has
#
# All four run in turn in each round, so that a machine that drifts slows all alike; each worker has a core and a thread of its own. A worker's time is what
# it spends in training, tests not counted. It needs Debian's python3-torch, python3-numpy and python3-matplotlib; as root it installs what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. benchmarks/peers/prepare.sh
data=../shared/data/mnist rounds=3 epochs=2 every=20 out=artifacts/mnist plot="" port=46100
while [ $# -gt 0 ]; do
  case $1 in
    --data) data=$2 ;;                 # the four IDX files
    --rounds) rounds=$2 ;;
    --epochs) epochs=$2 ;;
    --test-every) every=$2 ;;          # batches
    --out) out=$2 ;;
    --plot) plot=$2 ;;                 # .svg or .png; by default in --out
    --port) port=$2 ;;
    *) sed -n '2,/^set/p' "$0" | sed '$d' >&2; exit 2 ;;
  esac
  shift 2
done
peers_need python3-torch python3-numpy python3-matplotlib
data=$(realpath "$data")
mkdir -p "$out"
export OMP_NUM_THREADS=1
first_core=$(taskset -cp $$ | sed -E 's/.*: ([0-9]+).*/\1/')

# quietly COMMAND...: shows what it wrote only when it fails.
quietly() { "$@" > "$out/log" 2>&1 || { cat "$out/log" >&2; exit 1; }; }

ours() {
  local workers=$1 trace=$2 seed=$3 pinned
  if [ "$workers" -eq 1 ]; then
    pinned=(taskset -c "$first_core")
  else
    quietly dotnet src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll init --workers "$workers" --port "$port" --force "$out/dpwa.yaml"
    # A worker stands still while it tests at the end of an epoch, for the time of dozens of these short steps: nobody should average with it meanwhile.
    echo "max_staleness: 300ms" >> "$out/dpwa.yaml"
    pinned=(dotnet src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll run --config "$out/dpwa.yaml" --logs "$out/logs" --)
  fi
  quietly "${pinned[@]}" dotnet examples/Cifar10/bin/Release/net10.0/Cifar10.dll --data "$data" --model lenet --lr 0.02 --batch-size 128 --threads 1 \
    --epochs "$epochs" --seed "$seed" --test-every "$every" --trace "$trace" --checkpoint-dir "$out/checkpoints" --json
}

gloo() {
  quietly /usr/bin/python3 -B benchmarks/peers/mnist_gloo.py --data "$data" --lr 0.02 --batch-size 128 \
    --workers "$1" --trace "$2" --epochs "$epochs" --seed "$3" --test-every "$every"
}

if [ "$rounds" -gt 0 ]; then
  dotnet build -c Release -v quiet --nologo src/Dpwa.Cli >&2
  dotnet build -c Release -v quiet --nologo examples/Cifar10 >&2
  rm -rf "$out"/traces
fi
for round in $(seq "$rounds"); do
  for workers in 1 2; do
    for contender in ours gloo; do
      echo "round $round/$rounds: $contender, $workers worker(s)" >&2
      "$contender" "$workers" "$out/traces/$contender-$workers/$round" "$round"
    done
  done
done
/usr/bin/python3 -B benchmarks/peers/mnist_report.py "$out/traces" --csv "$out/mnist.csv" --plot "${plot:-$out/mnist-time-to-97.svg}"
