#!/bin/sh
# A small TLS server with Milvus's external interface: HAProxy on Milvus's port. It reads certificate, key and client
# CAs once, at its start, from the paths in the merged milvus.yaml, and answers every request with 200.
# usage: milvus run COMPONENT
set -eu
# shellcheck source=scripts/images/settings.sh
. /usr/lib/milvus/settings.sh
milvus_yaml=/milvus/configs/milvus.yaml
# How long it continues to serve after SIGTERM: until no node sends it new connections.
farewell=5

mode=$(setting $milvus_yaml common.security.tlsMode)
tls=
if [ "${mode:-0}" != 0 ]; then
  umask 077
  cat "$(setting $milvus_yaml tls.serverPemPath)" "$(setting $milvus_yaml tls.serverKeyPath)" > /tmp/server.pem
  tls="ssl crt /tmp/server.pem alpn h2,http/1.1"
fi
if [ "$mode" = 2 ]; then
  tls="$tls ssl-min-ver TLSv1.3 verify required ca-file $(setting $milvus_yaml tls.caPemPath)"
fi

cat > /tmp/haproxy.cfg << CONFIGURATION
global
  maxconn 1000
  hard-stop-after 2s
defaults
  mode http
  timeout client 5s
frontend health
  bind :9091
  http-request return status 200
frontend milvus
  bind :19530 $tls
  http-request return status 200
CONFIGURATION
haproxy -db -f /tmp/haproxy.cfg &
server=$!
# USR1: stop after the open connections have ended.
trap 'sleep $farewell; kill -USR1 $server' TERM
wait $server || true # a signal ends the wait
wait $server
