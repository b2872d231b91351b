#!/usr/bin/env bash
# Builds the operator and runs its demo. A debug build: on a new machine it is there in half the time of a release build.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
"$repository/scripts/setup.sh" build
build --product milvus-tls
exec "$repository/.build/debug/milvus-tls" demo
