#!/usr/bin/env bash
# Runs a command with a real API server: etcd and kube-apiserver on free loopback ports, stopped when the command ends.
# usage: with-apiserver.sh COMMAND...
# COMMAND gets the environment variables KUBECONFIG and TEST_KUBECONFIG (user admin, member of system:masters, TLS
# verified), TEST_ETCD, the URL of its etcd, and TEST_KUBERNETES, a folder with
#   ca.crt, apiserver.crt   the CA of client certificates, and the server's certificate
#   client.crt, client.key  user "certified" of system:masters.
# Tokens: admin-token (admin), first-token (first), second-token (second), all of system:masters.
# Binaries: both from $KUBEBUILDER_ASSETS if set; otherwise kube-apiserver from $KUBERNETES_BIN or
# ~/.cache/milvus-tls-operator/kubernetes-1.20.2, and etcd from the PATH (Debian: etcd-server).
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: with-apiserver.sh COMMAND..." >&2; exit 2; }

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  etcd=$KUBEBUILDER_ASSETS/etcd
  apiserver=$KUBEBUILDER_ASSETS/kube-apiserver
else
  etcd=$(command -v etcd) || { echo "error: etcd is missing: run apt-get install etcd-server, or set KUBEBUILDER_ASSETS" >&2; exit 1; }
  apiserver=${KUBERNETES_BIN:-$HOME/.cache/milvus-tls-operator/kubernetes-1.20.2}/kube-apiserver
fi
for binary in "$etcd" "$apiserver"; do
  [ -x "$binary" ] || { echo "error: $binary is missing: run scripts/build-kubernetes.sh, or set KUBEBUILDER_ASSETS" >&2; exit 1; }
done

state=$(mktemp -d)
servers=()
command=
finish() {
  [ -z "$command" ] || kill "$command" 2>/dev/null || true
  # The servers have no state to keep, and even a hanging server must end.
  [ "${#servers[@]}" -eq 0 ] || kill -KILL "${servers[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$state"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_ports() { # three ports that nothing listens on, held together so that they differ
  python3 -c 'import socket
sockets = [socket.socket() for _ in range(3)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))'
}
read -r client_port peer_port api_port <<< "$(free_ports)"

cd "$state"
{
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out ca.crt
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /O=system:masters/CN=certified -keyout client.key -out client.csr
  printf 'extendedKeyUsage=clientAuth\n' > client.ext
  openssl x509 -req -in client.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile client.ext -out client.crt
  openssl genrsa -out sa.key 2048
  openssl rsa -in sa.key -pubout -out sa.pub
} 2> openssl.log || { cat openssl.log >&2; exit 1; }
printf '%s-token,%s,%s,"system:masters"\n' admin admin admin first first first second second second > tokens.csv

"$etcd" --data-dir etcd --listen-client-urls "http://127.0.0.1:$client_port" --advertise-client-urls "http://127.0.0.1:$client_port" \
  --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
  --initial-cluster "default=http://127.0.0.1:$peer_port" > etcd.log 2>&1 &
servers+=($!)
"$apiserver" --etcd-servers="http://127.0.0.1:$client_port" --cert-dir=certs --bind-address=127.0.0.1 --secure-port="$api_port" \
  --token-auth-file=tokens.csv --client-ca-file=ca.crt --authorization-mode=RBAC --disable-admission-plugins=ServiceAccount \
  --service-account-key-file=sa.pub --service-account-signing-key-file=sa.key --service-account-issuer=https://kubernetes.default.svc \
  --service-cluster-ip-range=10.96.0.0/24 --allow-privileged > apiserver.log 2>&1 &
servers+=($!)

server=https://127.0.0.1:$api_port
deadline=$((SECONDS + 60))
until [ "$(curl -skf -H 'Authorization: Bearer admin-token' "$server/readyz" 2>/dev/null)" = ok ]; do
  if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "${servers[1]}" 2>/dev/null || ! kill -0 "${servers[0]}" 2>/dev/null; then
    echo "error: the API server did not become ready; last lines of its log and of etcd's:" >&2
    tail -n 20 apiserver.log etcd.log >&2
    exit 1
  fi
  sleep 0.2
done
cp certs/apiserver.crt apiserver.crt
cat > kubeconfig <<Y
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "$server", certificate-authority-data: $(base64 -w0 < apiserver.crt)}}]
users: [{name: admin, user: {token: admin-token}}]
contexts: [{name: test, context: {cluster: test, user: admin, namespace: default}}]
current-context: test
Y

cd "$OLDPWD"
export KUBECONFIG=$state/kubeconfig TEST_KUBECONFIG=$state/kubeconfig TEST_KUBERNETES=$state TEST_ETCD=http://127.0.0.1:$client_port
# In the background, so that a TERM signal to this script is handled at once.
"$@" <&0 &
command=$!
wait "$command"
