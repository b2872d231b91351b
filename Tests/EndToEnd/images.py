"""The container images of the tests, packed by the scripts of this repository."""

import os
import subprocess
from pathlib import Path

import image_archive

MILVUS_2_3 = "local/milvus:v2.3.5"  # the real server: external TLS
MILVUS_2_5 = "local/milvus:v2.5.4"  # prints what Milvus 2.5 prints about internal TLS
MILVUS_2_6 = "local/milvus:v2.6.6"  # the same of Milvus 2.6
MILVUS_WITHOUT_INTERNAL_TLS = "local/milvus-without-internal-tls:v2.5.4"  # prints value=false whatever it is told
TLS_SERVER = "local/tls-server:v2.3.5"  # external TLS, and no failed connection while it is rolled


def load(containerd_socket: Path) -> None:
    for archive in sorted(Path(os.environ["MILVUS_TLS_IMAGES"]).glob("*.tar")):
        _import(containerd_socket, archive)


def load_operator(containerd_socket: Path) -> None:
    """The image that the Dockerfile makes of the operator under test."""
    _import(containerd_socket, Path(os.environ["MILVUS_TLS_OPERATOR_IMAGE"]))


def load_house_image(containerd_socket: Path, image: image_archive.Image, folder: Path) -> None:
    """One that a test makes."""
    folder.mkdir()
    image_archive.pack(image, folder)
    _import(containerd_socket, folder / image_archive.archive_name(image))


def _import(containerd_socket: Path, archive: Path) -> None:
    command = ["ctr", "--address", str(containerd_socket), "--namespace", "k8s.io", "images", "import", str(archive)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
