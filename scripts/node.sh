#!/usr/bin/env bash
# A complete single-node Kubernetes 1.20.2 (etcd, API server, controllers, scheduler, kubelet on containerd, kube-proxy)
# in its own network, mount and process namespaces. Nothing reaches the machine's network, and several nodes can run
# side by side. When it ends, by a signal or a crash, the kernel ends all its processes and mounts. Requires root and
# what `setup.sh test` installs.
# usage: node.sh run STATE              in the foreground; prints "ready" when pods can run;
#                                       ends on SIGTERM, SIGINT or SIGKILL
#        node.sh exec STATE COMMAND...  in its network, with KUBECONFIG set
# STATE is an empty folder. The node writes to it: `kubeconfig` (administrator), `operator.kubeconfig` (user
# milvus-tls-operator), `audit.log` (all requests of that user and of the service account in Manifests, with what that
# user read of Secrets, and requests rejected for their token), `containerd.sock`, and a log per server.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
address=10.99.0.1
service_account=system:serviceaccount:milvus-tls-operator:milvus-tls-operator

run() { # outside the namespaces: owns them and the control group
  group=milvus-tls-node-$$
  remove_groups_left_behind
  trap end_node EXIT
  trap 'exit 143' TERM INT
  for hierarchy in $(control_group_roots); do mkdir "$hierarchy/$group"; done
  # If the shell is killed, the kernel kills unshare and everything in its namespaces.
  setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child=KILL --mount-proc "$0" inside "$state" "$group" &
  node=$!
  echo "$node" > "$state/pid"
  wait "$node"
}

# One hierarchy per controller (version 1), a single one (version 2), or both.
control_group_roots() {
  grep -E ' - cgroup2? ' /proc/self/mountinfo | cut -d ' ' -f 5
}

end_node() {
  if [ -n "${node:-}" ]; then
    kill -KILL "$node" 2> /dev/null || true
    wait "$node" 2> /dev/null || true
  fi
  for hierarchy in $(control_group_roots); do remove_group "$hierarchy/$group"; done
}

remove_group() { # a group can be removed shortly after its last process has ended
  for _ in $(seq 50); do
    [ -d "$1" ] || break
    find "$1" -depth -type d -exec rmdir {} + 2> /dev/null && break
    sleep 0.1
  done
}

remove_groups_left_behind() { # of killed runs; the names contain the process ID
  local left
  for left in $(control_group_roots | sed 's/$/\/milvus-tls-node-*/'); do
    [ ! -d "$left" ] || [ -d "/proc/${left##*-}" ] || remove_group "$left"
  done
}

inside() { # inside the namespaces: the first process, so its end ends all others
  local group=$1
  cd "$state"
  chmod 700 .  # tokens and keys
  prepare_folders
  prepare_network
  write_configuration "$group"
  start_servers
  wait -n || true
  echo "error: a server of the node ended; see the logs in $state" >&2
  exit 1
}

# The kubelet and containerd use fixed folders and clean up in them. They must not reach another node's folders.
prepare_folders() {
  local folder
  for folder in /var/log/pods /var/log/containers /var/lib/kubelet /run/containerd /var/lib/cni; do
    mkdir -p "$folder" "$state/machine$folder"
    mount --bind "$state/machine$folder" "$folder"
  done
}

prepare_network() { # a default route to nowhere: pods and the kubelet require one
  ip link set lo up
  ip link add v0 type veth peer name v1
  ip address add "$address/24" dev v0
  ip link set v0 up
  ip link set v1 up
  ip route add default dev v0
}

write_configuration() {
  mkdir -p cni
  openssl genrsa -out service-account.key 2048 2> /dev/null
  openssl rsa -in service-account.key -pubout -out service-account.pub 2> /dev/null
  write_user admin kubeconfig
  write_user milvus-tls-operator operator.kubeconfig
  sed -n 's/^\([^,]*\),admin,.*/Authorization: Bearer \1/p' tokens.csv > admin.header # not on the command line, which is public
  cat > audit-policy.yaml << YAML
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: RequestResponse, users: [$service_account], resources: [{group: coordination.k8s.io, resources: [leases]}]}
  - {level: RequestResponse, users: [milvus-tls-operator], verbs: [get, list], resources: [{group: "", resources: [secrets]}]}
  - {level: Metadata, users: [milvus-tls-operator, $service_account]}
  - {level: None, userGroups: [system:authenticated, system:unauthenticated]}
  - {level: Metadata} # the remaining requests have no user: their token was rejected
YAML
  cat > containerd.toml << TOML
version = 2
root = "$state/containerd-root"
state = "$state/containerd-state"
[grpc]
  address = "$state/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/local/pause:1"
  restrict_oom_score_adj = true # where root lacks CAP_SYS_RESOURCE
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$state/cni"
TOML
  cat > cni/10-pods.conflist << JSON
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{"type": "ptp", "ipMasq": false, "ipam": {
  "type": "host-local", "dataDir": "$state/ipam", "ranges": [[{"subnet": "10.88.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
JSON
  cat > kubelet.yaml << YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $address
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupRoot: /$1
failSwapOn: false
enforceNodeAllocatable: []
readOnlyPort: 0
healthzPort: 0
syncFrequency: 5s
evictionHard: {nodefs.available: 1%, imagefs.available: 1%, memory.available: 100Mi}
YAML
}

write_user() { # write_user NAME KUBECONFIG: an administrator's kubeconfig and its token for the API server
  local token
  token=$(openssl rand -hex 16)
  echo "$token,$1,$1,\"system:masters\"" >> tokens.csv
  cat > "$2" << YAML
apiVersion: v1
kind: Config
clusters: [{name: node, cluster: {server: "https://$address:6443", certificate-authority: "$state/certificates/apiserver.crt"}}]
users: [{name: $1, user: {token: $token}}]
contexts: [{name: node, context: {cluster: node, user: $1}}]
current-context: node
YAML
}

server() { # server NAME COMMAND...: starts a server in the background, with a log
  local name=$1
  shift
  "$@" > "$name.log" 2>&1 &
}

start_servers() {
  server etcd etcd --data-dir etcd --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --unsafe-no-fsync
  server containerd containerd -c containerd.toml
  # Pods get tokens of their own, as in Kubernetes since 1.21.
  server kube-apiserver "$kubernetes/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --cert-dir=certificates \
    --bind-address=$address --advertise-address=$address --secure-port=6443 --token-auth-file=tokens.csv --authorization-mode=RBAC \
    --service-account-key-file=service-account.pub --service-account-signing-key-file=service-account.key \
    --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.96.0.0/24 --allow-privileged \
    --feature-gates=BoundServiceAccountTokenVolume=true \
    --kubelet-preferred-address-types=InternalIP --audit-policy-file=audit-policy.yaml --audit-log-path=audit.log
  until_true "the API server" curl -sf --cacert certificates/apiserver.crt "https://$address:6443/readyz"
  server kube-controller-manager "$kubernetes/kube-controller-manager" --kubeconfig kubeconfig \
    --service-account-private-key-file=service-account.key --root-ca-file=certificates/apiserver.crt --leader-elect=false --port=0 --secure-port=0
  server kube-scheduler "$kubernetes/kube-scheduler" --kubeconfig kubeconfig --leader-elect=false --port=0 --secure-port=0
  server kube-proxy "$kubernetes/kube-proxy" --kubeconfig kubeconfig --hostname-override=node --proxy-mode=iptables --conntrack-max-per-core=0
  until_true containerd test -S containerd.sock
  server kubelet "$kubernetes/kubelet" --kubeconfig kubeconfig --config kubelet.yaml --root-dir "$state/kubelet" --cert-dir kubelet-certificates \
    --container-runtime=remote --container-runtime-endpoint="unix://$state/containerd.sock" --hostname-override=node --node-ip=$address
  until_true "the kubelet" node_is_ready
  echo ready
}

node_is_ready() {
  curl -sf --cacert certificates/apiserver.crt -H @admin.header "https://$address:6443/api/v1/nodes/node" | grep -q '"reason": "KubeletReady"'
}

until_true() { # until_true WHAT COMMAND...: repeats COMMAND until it succeeds, for at most 90 seconds
  local what=$1 deadline=$((SECONDS + 90))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || die "$what did not become ready within 90 s; see its log in $state"
    sleep 0.2
  done
}

[ $# -ge 2 ] || die "usage: node.sh run STATE | node.sh exec STATE COMMAND..."
verb=$1
state=$(realpath "$2")
shift 2
case $verb in
  run) run ;;
  inside) inside "$@" ;;
  exec) exec nsenter "--net=/proc/$(cat "$state/pid")/ns/net" env KUBECONFIG="$state/kubeconfig" "$@" ;;
  *) die "node.sh: unknown verb '$verb'; one of run, exec" ;;
esac
