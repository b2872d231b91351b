"""Creates container images from local files, as archives for `ctr images import`; no Docker, no registry."""

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Image:
    """Contents of one image; `files` maps paths in the image to local files or to text."""

    name: str
    entrypoint: list[str]
    files: dict[str, Path | str]
    links: dict[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    environment: tuple[str, ...] = ("PATH=/usr/local/bin:/usr/bin:/bin",)
    command: list[str] = field(default_factory=list)
    user: str = ""


def libraries(program: Path, folder: Path | None = None) -> list[Path]:
    """The shared libraries and the loader of a program, without those in `folder`, which is searched first."""
    environment = os.environ | ({"LD_LIBRARY_PATH": str(folder)} if folder else {})
    listed = subprocess.run(["ldd", str(program)], env=environment, capture_output=True, text=True, check=True)
    if "not found" in listed.stdout:
        raise SystemExit(f"error: libraries of {program} are missing:\n{listed.stdout}")
    paths = (Path(path) for path in re.findall(r"(/\S+) \(0x", listed.stdout))
    return sorted(path for path in paths if not (folder and path.is_relative_to(folder)))


def at_their_paths(files: list[Path]) -> dict[str, Path]:
    """Files that have the same path in the image as on this machine."""
    return {str(file).lstrip("/"): file for file in files}


def archive_name(image: Image) -> str:
    return re.sub("[/:]", "_", image.name) + ".tar"


def pack(image: Image, folder: Path) -> None:
    """Writes one image with a single layer to FOLDER, in Docker's archive format."""
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
            "config": {"Entrypoint": image.entrypoint, "Cmd": image.command, "Env": list(image.environment), "User": image.user},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": Path(__file__).name}],
        }
    ).encode()
    configuration_name = f"{hashlib.sha256(configuration).hexdigest()}.json"
    manifest = [{"Config": configuration_name, "RepoTags": [f"docker.io/{image.name}"], "Layers": [f"{digest}/layer.tar"]}]
    with tarfile.open(folder / archive_name(image), "w") as tar:
        add(tar, configuration_name, tarfile.REGTYPE, configuration)
        tar.add(layer, arcname=f"{digest}/layer.tar")
        add(tar, "manifest.json", tarfile.REGTYPE, json.dumps(manifest).encode())
    layer.unlink()


def add(tar: tarfile.TarFile, name: str, kind: bytes, data: bytes = b"", mode: int = 0o755, link: str = "") -> None:
    """One archive member without owner and time, so that the same contents give the same image."""
    member = tarfile.TarInfo(name)
    member.type, member.size, member.mode, member.linkname = kind, len(data), mode, link
    tar.addfile(member, io.BytesIO(data))
