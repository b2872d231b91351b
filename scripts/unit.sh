#!/usr/bin/env bash
# Runs the Swift tests with a real API server of their own.
# usage: unit.sh [SWIFT TEST ARGUMENT...]
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$repository"
swift build --build-tests
KUBERNETES_BIN=$kubernetes scripts/with-apiserver.sh swift test --skip-build "$@"
