#!/usr/bin/env bash
# Builds the operator and runs its demo. A debug build takes half the time of a release build on a new machine.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
"$repository/scripts/setup.sh" build
build --product milvus-tls
exec "$repository/.build/debug/milvus-tls" demo
