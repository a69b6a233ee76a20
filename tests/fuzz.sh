#!/usr/bin/env bash
# Fuzzes everything that reads what it cannot trust: frames, sessions, shared memory, configuration files, checkpoints.
#   bash tests/fuzz.sh [SECONDS] [SEED] [TARGET...]    60 s in all, seed 1, all targets
# SharpFuzz instruments a copy of the library, so that inputs that lead somewhere new are built on. The seed decides everything but where the time cuts.
# What is found is shrunk and kept in tests/corpus, where a test replays it. KEEP=1 keeps the inputs that lead furthest as well.
set -uo pipefail
cd "$(dirname "$0")/.."
project=tests/Dpwa.Fuzz
built=$project/bin/Release/net10.0
# CI has built everything.
if [ -z "${CI:-}" ] || [ ! -f "$built/Dpwa.Fuzz.dll" ]; then
  dotnet build "$project" -c Release -v quiet -nologo || exit 1
fi
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/tmp" && cp -r "$built" "$copy/bin"
dotnet "$built/Dpwa.Fuzz.dll" instrument "$copy/bin" || exit 1
mode=run; [ -n "${KEEP:-}" ] && mode=keep
# Who takes more memory than a gibibyte for an input of a few kilobytes is found, and the machine goes on.
export TMPDIR=$copy/tmp DOTNET_GCHeapHardLimit=0x40000000
dotnet "$copy/bin/Dpwa.Fuzz.dll" "$mode" "${1:-60}" "${2:-1}" "${@:3}"
status=$?
# The process is gone: what it was given last did it.
for last in "$copy"/tmp/dpwa-fuzz-last-*; do
  [ "$status" -gt 1 ] && [ -f "$last" ] || continue
  name=${last##*/dpwa-fuzz-last-}
  mkdir -p "tests/corpus/${name%.*}"
  cp "$last" "tests/corpus/${name%.*}/ended-the-process-$(sha256sum < "$last" | cut -c1-8).${name##*.}"
  echo "FOUND: an input that ended the process; it is kept in tests/corpus/${name%.*}"
done
exit "$status"
