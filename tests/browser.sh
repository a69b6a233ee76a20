#!/usr/bin/env bash
# Installs the browser that the tests of the dashboard's page need (Debian and Ubuntu; root or sudo). Without it they are skipped.
set -euo pipefail
command -v chromium chromium-browser google-chrome >/dev/null 2>&1 && { echo "There is a browser already."; exit 0; }
run=""
[ "$(id -u)" -eq 0 ] || run=sudo
$run apt-get update -qq
$run apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
