#!/bin/sh
# Replaces Milvus 2.5, which is not in any package index: prints its log lines about internal TLS, then answers health
# checks.
# usage: milvus run COMPONENT
# The configuration is the one that milvus-operator mounts, as block YAML. INTERNAL_TLS overrides the printed value, as
# a build does that ignores the setting.
# shellcheck source=scripts/images/settings.sh
. /usr/lib/milvus/settings.sh
configuration=/milvus/configs/user.yaml

log() { echo "[$(date -u '+%Y/%m/%d %H:%M:%S').000 +00:00] $*"; }

component=$2
enabled=$(setting "$configuration" common.security.internaltlsEnabled)
enabled=${INTERNAL_TLS:-${enabled:-false}}
certificate=$(setting "$configuration" internaltls.serverPemPath)

log "[INFO] [roles/roles.go:344] [\"starting running Milvus components\"] [component=$component]"
if [ "$component" = cdc ]; then # serves no gRPC
  log "[INFO] [cdc/server.go:61] [\"CDC server started\"]"
  exec busybox httpd -f -p 9091 -h /www
fi
log "[INFO] [utils/util.go:56] [\"Internal TLS Enabled\"] [value=$enabled]"
if [ "$enabled" = true ]; then
  for file in "$certificate" "$(setting "$configuration" internaltls.serverKeyPath)" "$(setting "$configuration" internaltls.caPemPath)"; do
    [ -s "$file" ] && continue
    log "[WARN] [utils/util.go:61] [\"$component can't create creds\"] [error=\"open $file: no such file or directory\"]"
    log "[ERROR] [utils/util.go:74] [\"failed to create internal TLS credentials\"] [error=\"open $file: no such file or directory\"]"
    exit 1
  done
fi
log "[INFO] [http/server.go:171] [\"management listen\"] [addr=:9091]"
exec busybox httpd -f -p 9091 -h /www
