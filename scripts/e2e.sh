#!/usr/bin/env bash
# Runs the tests on a real cluster, against the operator that `swift build` left or that MILVUS_TLS_BINARY names. As root.
# usage: e2e.sh [PYTEST ARGUMENT...]
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
"$repository/scripts/setup.sh" test

[ "$(id -u)" = 0 ] || die "the tests on a real cluster make network namespaces and mounts: run them as root"
export PATH=$kubectl_tools:$PATH
export MILVUS_TLS_BINARY=${MILVUS_TLS_BINARY:-$repository/.build/debug/milvus-tls}
[ -x "$MILVUS_TLS_BINARY" ] || die "there is no operator at $MILVUS_TLS_BINARY; run swift build, or set MILVUS_TLS_BINARY"
MILVUS_TLS_IMAGES=$("$python/bin/python" "$repository/scripts/build_images.py" --milvus "$milvus" --output "$cache/images")
export MILVUS_TLS_IMAGES MILVUS_CONFIGURATION=$milvus/configs/milvus.yaml KUBERNETES_BIN=$kubernetes
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY  # nothing here leaves the node
exec "$python/bin/python" -m pytest "$repository/Tests/EndToEnd" "$@" < /dev/null
