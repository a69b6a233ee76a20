#!/usr/bin/env bash
# The metrics against a real Prometheus: workers exchange, a Prometheus scrapes what they say, and every query of the Grafana dashboard is asked of it. Half a minute.
#
#   bash tests/prometheus.sh
#
# Needs prometheus and promtool, which are installed here (Debian's package) where apt-get is, and it can be; no service of theirs is started. Without them `dotnet test` skips these tests,
# with the reason; here that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v prometheus > /dev/null || ! command -v promtool > /dev/null; then
  # A package's services are not started where this file says so (Debian's policy for containers and images).
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get install -y --no-install-recommends prometheus || { apt-get update && apt-get install -y --no-install-recommends prometheus; }
fi
dotnet build -c Release -v quiet --nologo tests/Dpwa.Monitoring.Tests
dotnet tests/Dpwa.Monitoring.Tests/bin/Release/net10.0/Dpwa.Monitoring.Tests.dll -noColor -failSkips -class Dpwa.Monitoring.Tests.PrometheusTests
