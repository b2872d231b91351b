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
# Every test that has a server keeps a thread of libdispatch in it, of which there are 255: past that all of them wait for ever.
KUBERNETES_BIN=$kubernetes scripts/with-apiserver.sh \
  swift test --skip-build --experimental-maximum-parallelization-width 48 "$@" 2>&1 | tee "$log" | grep -E '^(✘|↳)|error:|Fatal error|Test run with'
