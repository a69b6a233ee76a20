#!/usr/bin/env bash
# kill -9 in the middle of a transfer, again and again, in each of four ways: who sends over TCP, who receives over TCP, who reads a peer's shared memory, whose memory is read. After each the survivor must train
# on with whole parameters and without a time-out, the killed worker is started again and exchanged with in both directions, and at the end nothing of the survivor's memory is still lent to the dead.
# A kill counts when it was in the middle: bytes were on their way (seen in /proc/net/tcp), or the reader had begun to mix. Prints a table in Markdown, and fails when one is not survived.
#
#   bash benchmarks/kills.sh [CYCLES]                                    of each way; by default 100: six minutes
#   bash benchmarks/kills.sh 10                                          half a minute
#
# They are the tests of tests/Dpwa.Cli.Tests/Faults/KillTests.cs, which `dotnet test` runs with 3 cycles. Linux.
set -euo pipefail
cd "$(dirname "$0")/.."
cycles=${1:-100} out=artifacts/kills
# The same survivor for so many kills; then another.
at_once=25
mkdir -p "$out"
dotnet build -c Release -v quiet --nologo tests/Dpwa.Cli.Tests >&2
: > "$out/log"
failed=""
for ((left = cycles; left > 0; left -= at_once)); do
  DPWA_KILL_CYCLES=$((left < at_once ? left : at_once)) dotnet tests/Dpwa.Cli.Tests/bin/Release/net10.0/Dpwa.Cli.Tests.dll -noColor -failSkips -showLiveOutput -parallelMode none \
    -class Dpwa.Cli.Tests.Faults.KillTests > "$out/run" 2>&1 || failed=yes
  cat "$out/run" >> "$out/log"
done
echo "| killed while | kill -9 | in the middle of a transfer | survived |"
echo "|---|---|---|---|"
sed -nE 's/.*kills: (.*): ([0-9]+) killed, ([0-9]+) in the middle of a transfer, ([0-9]+) survived.*/\1|\2|\3|\4/p' "$out/log" |
  awk -F'|' '{ if (!($1 in killed)) order[++n] = $1; killed[$1] += $2; middle[$1] += $3; survived[$1] += $4 }
    END { for (i = 1; i <= n; i++) { w = order[i]; print "| " w " | " killed[w] " | " middle[w] " | " survived[w] " |" } exit n != 4 }' || failed=yes
[ -z "$failed" ] || { echo "Not all were survived; see $out/log" >&2; grep -A 12 'FAIL' "$out/log" | head -60 >&2; exit 1; }
