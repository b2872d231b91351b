#!/usr/bin/env bash
# Builds the image of a release without Docker, as root: an archive and the list of what is in it, in .build/image.
# Prints the sizes, and fails if one exceeds its limit.
# usage: image.sh
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || die "run this as root: buildah runs the Dockerfile's commands in a chroot"
"$repository/scripts/setup.sh" image
say "building the image (the program for release: 3 minutes on 2 cores)"
python3 "$repository/scripts/build_operator_image.py" "$repository/.build/image"
python3 "$repository/scripts/check_image.py" "$repository/.build/image/milvus-tls-operator.tar"
