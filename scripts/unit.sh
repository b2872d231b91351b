#!/usr/bin/env bash
# Runs the Swift tests with a real API server of their own; shows what fails and the count, and keeps all output in the cache.
# usage: unit.sh [SWIFT TEST ARGUMENT...]
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
"$repository/scripts/setup.sh" unit
cd "$repository"
build --build-tests
log=$cache/logs/swift-test.log
mkdir -p "$cache/logs"
say "swift test (all of its output goes to $log)"
KUBERNETES_BIN=$kubernetes scripts/with-apiserver.sh swift test --skip-build "$@" 2>&1 | tee "$log" | grep -E '^(✘|↳)|error:|Fatal error|Test run with'
