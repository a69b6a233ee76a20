#!/usr/bin/env bash
# Fuzzes everything that reads what it cannot trust: frames, sessions, shared memory, configuration files, checkpoints.
#   bash tests/fuzz.sh [SECONDS] [SEED] [TARGET...]    60 s in all, seed 1, all targets
# SharpFuzz instruments a copy of the library, so that inputs that lead somewhere new are built on. The seed decides everything but where the time cuts.
# What is found is shrunk and kept in tests/corpus, where a test replays it. KEEP=1 keeps the inputs that lead furthest as well.
set -euo pipefail
cd "$(dirname "$0")/.."
project=tests/Dpwa.Fuzz
built=$project/bin/Release/net10.0
[ -n "${CI:-}" ] && [ -f "$built/Dpwa.Fuzz.dll" ] || dotnet build "$project" -c Release -v quiet -m:1 -nologo
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$built/." "$copy"
dotnet "$built/Dpwa.Fuzz.dll" instrument "$copy"
mode=run; [ -n "${KEEP:-}" ] && mode=keep
# Tiered compilation would only compile the loops again and again.
DOTNET_TieredPGO=0 dotnet "$copy/Dpwa.Fuzz.dll" "$mode" "${1:-60}" "${2:-1}" "${@:3}"
