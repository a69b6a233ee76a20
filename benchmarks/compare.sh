#!/usr/bin/env bash
# Ours (the command `dpwa bench exchange`) against OpenMPI's and gloo's all-reduce and a C loop, in turn in one run, so that a machine that drifts slows all
# alike. Writes a table in Markdown, and for each target whether it is met.
#
#   bash benchmarks/compare.sh                       everything: 1, 10, 45 and 200 MB, 2 and 4 workers (about a quarter of an hour, on a quiet machine)
#   bash benchmarks/compare.sh --quick               1 and 10 MB, 2 workers, a minute
#   bash benchmarks/compare.sh --sizes 45 --workers 2 --rounds 5 --out artifacts/compare      further options: --help
#
# It needs gcc and Debian's openmpi-bin, python3-mpi4py, python3-torch and python3-numpy; as root it installs what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. benchmarks/peers/prepare.sh
peers_need gcc openmpi-bin python3-mpi4py python3-torch python3-numpy
dotnet build -c Release -v quiet --nologo src/Dpwa.Cli >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O3 -march=native -o "$work/blend" benchmarks/peers/blend.c
/usr/bin/python3 -B benchmarks/peers/compare.py --blend "$work/blend" --ours "dotnet $PWD/src/Dpwa.Cli/bin/Release/net10.0/Dpwa.Cli.dll bench exchange" "$@"
