#!/usr/bin/env bash
# Simulated clusters in which everything goes wrong that can, by seed: messages that are late, slow, cut at any byte, damaged at any bit, lost or doubled; connections that are refused, never answered or
# reset; cuts, crashes, power failures and pauses of workers. Prints what was done, and the first seed that fails with all that led to it. CI runs 3,000 seeds in the same way.
#
#   bash tests/faults.sh [SEEDS] [FIRST]        20,000 seeds from 3,001 on, unless said otherwise
#   bash tests/faults.sh 1 4711                 one seed, with its trace; TRACE=1000000 for all of it
set -euo pipefail
cd "$(dirname "$0")/.."
export DPWA_FAULT_SEEDS=${1:-20000} DPWA_FAULT_FIRST=${2:-3001} DPWA_FAULT_LINES=${TRACE:-60}
dotnet build -c Release -v quiet --nologo tests/Dpwa.Tests
exec nice -n 19 dotnet tests/Dpwa.Tests/bin/Release/net10.0/Dpwa.Tests.dll -noColor -showLiveOutput \
  -method Dpwa.Tests.Faults.FaultTests.Nothing_is_torn_lost_doubled_kept_or_blocked_whatever_goes_wrong
