# Sourced by the scripts that replace Milvus.
# shellcheck shell=sh

setting() { # setting FILE KEY.KEY...: the value at a path in block YAML; empty if there is none
  awk -v wanted="$2" '
    /^ *[A-Za-z0-9_]+:/ {
      depth = (match($0, /[^ ]/) - 1) / 2
      key = $1; sub(/:$/, "", key); path[depth] = key
      at = path[0]; for (i = 1; i <= depth; i++) at = at "." path[i]
      if (at == wanted) { value = $0; sub(/^[^:]*: */, "", value); gsub(/["\047]/, "", value); print value; exit }
    }' "$1" 2> /dev/null
}
