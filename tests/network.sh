#!/usr/bin/env bash
# The tests of real faults alone: workers on machines (network namespaces) of their own whose links are cut, cut one way, slow, and healed; machines that are lost; workers that are killed or
# stand still in the middle of a transfer. About a minute, ROUNDS times.
#
#   bash tests/network.sh [ROUNDS]
#
# Needs Linux and root (CAP_SYS_ADMIN and CAP_NET_ADMIN); in a container: docker run --privileged. Nothing of the machine's own network is touched. Of packages only iproute2 is needed, which is
# installed here where apt-get is, and it can be. Without all that `dotnet test` skips the tests that need a network, with the reason; here that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-1}
if ! command -v ip > /dev/null || ! command -v tc > /dev/null; then
  apt-get install -y --no-install-recommends iproute2 || { apt-get update && apt-get install -y --no-install-recommends iproute2; }
fi
dotnet build -c Release -v quiet --nologo tests/Dpwa.Cli.Tests
for round in $(seq "$rounds"); do
  dotnet tests/Dpwa.Cli.Tests/bin/Release/net10.0/Dpwa.Cli.Tests.dll -noColor -failSkips -showLiveOutput -namespace Dpwa.Cli.Tests.Faults
done
