#!/usr/bin/env bash
# Runs the tests on a real cluster, with the operator built now or the one in MILVUS_TLS_BINARY. Requires root.
# usage: e2e.sh [PYTEST ARGUMENT...]   files or folders among the arguments replace the default of all tests
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || die "run this as root: the tests on a real cluster create network namespaces and mounts"
"$repository/scripts/setup.sh" test
[ -n "${MILVUS_TLS_BINARY:-}" ] || build --product milvus-tls

export PATH=$kubectl_tools:$PATH
export MILVUS_TLS_BINARY=${MILVUS_TLS_BINARY:-$repository/.build/debug/milvus-tls}
[ -x "$MILVUS_TLS_BINARY" ] || die "MILVUS_TLS_BINARY: $MILVUS_TLS_BINARY is not an executable file"
MILVUS_TLS_IMAGES=$("$python/bin/python" "$repository/scripts/build_images.py" --milvus "$milvus" --output "$cache/images")
MILVUS_TLS_OPERATOR_IMAGE=$("$python/bin/python" "$repository/scripts/build_operator_image.py" --program "$MILVUS_TLS_BINARY" "$repository/.build/e2e-image")
export MILVUS_TLS_IMAGES MILVUS_TLS_OPERATOR_IMAGE MILVUS_CONFIGURATION=$milvus/configs/milvus.yaml KUBERNETES_BIN=$kubernetes
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY  # all traffic stays on the node
tests=$repository/Tests/EndToEnd
for argument in "$@"; do [ ! -e "${argument%%::*}" ] || tests=; done
say "pytest ${tests:+Tests/EndToEnd }$*"
exec "$python/bin/python" -m pytest ${tests:+"$tests"} "$@" < /dev/null
