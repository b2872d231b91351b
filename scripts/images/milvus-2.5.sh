#!/bin/sh
# Stands in for a Milvus 2.5 pod, which is on no package index: prints what it prints about internal TLS, then answers health checks.
# usage: milvus run COMPONENT
# The configuration is the one milvus-operator mounts, block YAML. INTERNAL_TLS overrides what is printed: a build that ignores the setting.
configuration=/milvus/configs/user.yaml

setting() { # setting KEY.KEY...: the value at a path of the configuration, empty where there is none
  awk -v wanted="$1" '
    /^ *[A-Za-z0-9_]+:/ {
      depth = (match($0, /[^ ]/) - 1) / 2
      key = $1; sub(/:$/, "", key); path[depth] = key
      at = path[0]; for (i = 1; i <= depth; i++) at = at "." path[i]
      if (at == wanted) { value = $0; sub(/^[^:]*: */, "", value); gsub(/["\047]/, "", value); print value; exit }
    }' "$configuration" 2> /dev/null
}

log() { echo "[$(date -u '+%Y/%m/%d %H:%M:%S').000 +00:00] $*"; }

component=$2
enabled=$(setting common.security.internaltlsEnabled)
enabled=${INTERNAL_TLS:-${enabled:-false}}
certificate=$(setting internaltls.serverPemPath)

log "[INFO] [roles/roles.go:344] [\"starting running Milvus components\"] [component=$component]"
log "[INFO] [utils/util.go:56] [\"Internal TLS Enabled\"] [value=$enabled]"
if [ "$enabled" = true ]; then
  for file in "$certificate" "$(setting internaltls.serverKeyPath)" "$(setting internaltls.caPemPath)"; do
    [ -s "$file" ] && continue
    log "[WARN] [utils/util.go:61] [\"$component can't create creds\"] [error=\"open $file: no such file or directory\"]"
    log "[ERROR] [utils/util.go:74] [\"failed to create internal TLS credentials\"] [error=\"open $file: no such file or directory\"]"
    exit 1
  done
fi
log "[INFO] [http/server.go:171] [\"management listen\"] [addr=:9091]"
exec busybox httpd -f -p 9091 -h /www
