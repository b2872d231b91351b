"""The container images of the tests, packed by scripts/build_images.py."""

import os
import subprocess
from pathlib import Path

MILVUS_2_3 = "local/milvus:v2.3.5"  # the real server: external TLS
MILVUS_2_5 = "local/milvus:v2.5.4"  # prints what Milvus 2.5 prints about internal TLS
MILVUS_WITHOUT_INTERNAL_TLS = "local/milvus-without-internal-tls:v2.5.4"  # prints value=false whatever it is told


def load(containerd_socket: Path) -> None:
    for archive in sorted(Path(os.environ["MILVUS_TLS_IMAGES"]).glob("*.tar")):
        command = ["ctr", "--address", str(containerd_socket), "--namespace", "k8s.io", "images", "import", str(archive)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
