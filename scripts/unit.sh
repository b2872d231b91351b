#!/usr/bin/env bash
# Runs the Swift tests with a real API server. Prints failures and the count; the whole output is in the cache.
# usage: unit.sh [SWIFT TEST ARGUMENT...]
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
"$repository/scripts/setup.sh" unit
cd "$repository"
build --build-tests
log=$cache/logs/swift-test.log
mkdir -p "$cache/logs"
say "swift test (output: $log)"
# Every test with a server occupies a thread of libdispatch, which has 255. With more tests, all of them would hang.
GO=$go/bin/go KUBERNETES_BIN=$kubernetes scripts/with-apiserver.sh \
  swift test --skip-build --experimental-maximum-parallelization-width 48 "$@" 2>&1 | tee "$log" | grep -E '^(✘|↳)|error:|Fatal error|Test run with'
