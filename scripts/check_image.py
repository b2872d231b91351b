"""Prints the sizes of an image and fails if it exceeds a limit.

usage: check_image.py ARCHIVE   of `docker save` or build_operator_image.py
"""

import json
import sys
import tarfile
from pathlib import Path

PROGRAM = "usr/local/bin/milvus-tls"
SBOM = "usr/share/sbom/milvus-tls-operator.spdx.json"
LAYERS_OF_BASE = 1
# In millions of bytes, without compression: a little above what they are, so that a new dependency is noticed. The goal
# is 25 and 40, see docs/decisions/an-image-without-icu-data.md.
LIMITS = {"program": 36.0, "layers above the base": 51.0}


def manifest(archive: Path) -> dict:
    with tarfile.open(archive) as image:
        return json.load(image.extractfile("manifest.json"))[0]


def layers(archive: Path) -> list[str]:
    """The names of its layers in the archive, from the base on."""
    return manifest(archive)["Layers"]


def configuration(archive: Path) -> dict:
    with tarfile.open(archive) as image:
        return json.load(image.extractfile(manifest(archive)["Config"]))


def read(archive: Path, path: str) -> bytes:
    """A file of the image."""
    for name in reversed(layers(archive)):
        with tarfile.open(archive) as image, tarfile.open(fileobj=image.extractfile(name)) as layer:
            for member in layer:
                if member.isfile() and member.name.removeprefix("./") == path:
                    return layer.extractfile(member).read()
    raise FileNotFoundError(path)


def sizes(archive: Path) -> dict[str, float]:
    with tarfile.open(archive) as image:
        above = [image.getmember(name).size for name in layers(archive)[LAYERS_OF_BASE:]]
    return {"program": len(read(archive, PROGRAM)) / 1e6, "layers above the base": sum(above) / 1e6}


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: check_image.py ARCHIVE")
    found = sizes(Path(sys.argv[1]))
    for what, size in found.items():
        print(f"{what}: {size:.1f} MB of {LIMITS[what]:.0f} MB")
    exceeded = [what for what, size in found.items() if size > LIMITS[what]]
    if exceeded:
        raise SystemExit(f"error: too large: {', '.join(exceeded)}")


if __name__ == "__main__":
    main()
