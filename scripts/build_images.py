"""Packs the container images of the tests as archives that `ctr images import` reads, without Docker and without a registry.

usage: build_images.py --milvus FOLDER --output FOLDER
  --milvus   the unpacked server (unpack_milvus.py)
  --output   where to keep the archives; those of the same contents are made once

Prints the folder that holds the archives.
"""

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUSYBOX = Path("/bin/busybox")
APPLETS = ("sh", "awk", "cat", "cp", "date", "ls", "mkdir", "sleep")


@dataclass
class Image:
    """What one image holds; `files` maps paths inside it to files here or to their text."""

    name: str
    entrypoint: list[str]
    files: dict[str, Path | str]
    links: dict[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    environment: tuple[str, ...] = ("PATH=/usr/bin:/bin",)


def images(milvus: Path) -> list[Image]:
    return [pause(), real_milvus(milvus), milvus_2_5("local/milvus:v2.5.4"), milvus_2_5("local/milvus-without-internal-tls:v2.5.4", "false")]


def pause() -> Image:
    """The sandbox of every pod: a process that only stays."""
    return Image("local/pause:1", ["/bin/busybox", "sleep", "2147483647"], {"bin/busybox": BUSYBOX})


def real_milvus(milvus: Path) -> Image:
    """Milvus 2.3.5 standalone with embedded etcd, from /milvus as in the published images."""
    files = {str(Path("milvus") / path.relative_to(milvus)): path for path in milvus.rglob("*") if path.is_file()}
    files |= {str(library).lstrip("/"): library for library in system_libraries(milvus / "bin")}
    return Image(
        "local/milvus:v2.3.5",
        [],
        files | shell_files() | {"usr/bin/milvus": '#!/bin/sh\ncd /milvus && exec /milvus/bin/milvus "$@"\n'},
        shell_links(),
        ("milvus/data", "tmp", "var/lib/milvus", "run/milvus"),
        ("PATH=/usr/bin:/bin", "MILVUSCONF=/milvus/configs", "LD_LIBRARY_PATH=/milvus/bin", "DEPLOY_MODE=STANDALONE"),
    )


def milvus_2_5(name: str, internal_tls: str = "") -> Image:
    """Stands in for Milvus 2.5; see images/milvus-2.5.sh. `internal_tls` is what it claims whatever it is told."""
    environment = ("PATH=/usr/bin:/bin",) + ((f"INTERNAL_TLS={internal_tls}",) if internal_tls else ())
    files = {"usr/bin/milvus": HERE / "images" / "milvus-2.5.sh", "www/healthz": "OK\n"}
    return Image(name, [], files | shell_files(), shell_links(), ("milvus/configs", "tmp"), environment)


def shell_files() -> dict[str, Path | str]:
    return {"bin/busybox": BUSYBOX, "etc/passwd": "root:x:0:0:root:/:/bin/sh\n", "etc/nsswitch.conf": "hosts: files dns\n"}


def shell_links() -> dict[str, str]:
    return {f"bin/{applet}": "busybox" for applet in APPLETS}


def system_libraries(programs: Path) -> list[Path]:
    """The machine's libraries that Milvus loads beside those of its package, its loader among them."""
    listed = subprocess.run(
        ["ldd", str(programs / "milvus")], env=os.environ | {"LD_LIBRARY_PATH": str(programs)}, capture_output=True, text=True, check=True
    )
    paths = (Path(path) for path in re.findall(r"(/\S+) \(0x", listed.stdout))
    return sorted(path for path in paths if not path.is_relative_to(programs))


def pack(image: Image, folder: Path) -> None:
    """Writes one image in Docker's archive format, with a single layer."""
    layer = folder / "layer"
    with tarfile.open(layer, "w") as tar:
        for name in image.folders:
            add(tar, name, tarfile.DIRTYPE, mode=0o1777)
        for name, content in sorted(image.files.items()):
            data = content.encode() if isinstance(content, str) else content.read_bytes()
            add(tar, name, tarfile.REGTYPE, data)
        for name, target in sorted(image.links.items()):
            add(tar, name, tarfile.SYMTYPE, link=target)
    with layer.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    configuration = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": image.entrypoint, "Env": list(image.environment)},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": "build_images.py"}],
        }
    ).encode()
    configuration_name = f"{hashlib.sha256(configuration).hexdigest()}.json"
    manifest = [{"Config": configuration_name, "RepoTags": [f"docker.io/{image.name}"], "Layers": [f"{digest}/layer.tar"]}]
    with tarfile.open(folder / f"{re.sub('[/:]', '_', image.name)}.tar", "w") as tar:
        add(tar, configuration_name, tarfile.REGTYPE, configuration)
        tar.add(layer, arcname=f"{digest}/layer.tar")
        add(tar, "manifest.json", tarfile.REGTYPE, json.dumps(manifest).encode())
    layer.unlink()


def add(tar: tarfile.TarFile, name: str, kind: bytes, data: bytes = b"", mode: int = 0o755, link: str = "") -> None:
    """One member with neither owner nor time of this machine, so that the same contents give the same image."""
    member = tarfile.TarInfo(name)
    member.type, member.size, member.mode, member.linkname = kind, len(data), mode, link
    tar.addfile(member, io.BytesIO(data))


def contents_key(milvus: Path) -> str:
    """Changes when anything that goes into an image does; Milvus's folder is named by its version."""
    key = hashlib.sha256(str(milvus).encode())
    for path in (Path(__file__), HERE / "images" / "milvus-2.5.sh", BUSYBOX, *system_libraries(milvus / "bin")):
        key.update(path.read_bytes())
    return key.hexdigest()[:12]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--milvus", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    arguments.output.mkdir(parents=True, exist_ok=True)
    folder = arguments.output / contents_key(arguments.milvus)
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=arguments.output) as partial:
            packed = Path(partial) / "packed"
            packed.mkdir()
            for image in images(arguments.milvus):
                pack(image, packed)
            packed.rename(folder)
        for old in arguments.output.iterdir():
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
    print(folder)


if __name__ == "__main__":
    main()
