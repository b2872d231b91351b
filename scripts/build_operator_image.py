"""Packs an operator built on this machine as the image of the Deployment in Manifests, without Docker.

The root file system is that of the Dockerfile. A debug build also includes the Swift libraries.

usage: build_operator_image.py PROGRAM FOLDER
  PROGRAM   the built milvus-tls
  FOLDER    folder for the archive

Prints the archive's path.
"""

import sys
from pathlib import Path

from image_archive import Image, archive_name, at_their_paths, libraries, pack

NAME = "library/milvus-tls-operator:0.1.0"  # on docker.io, as Kubernetes reads the name without a registry
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
TIME_ZONES = Path("/usr/share/zoneinfo")
USER = 65532


def time_zones() -> list[Path]:
    """The zone files of tzdata, without the copies in posix and right and the tables."""
    listed = (file for file in TIME_ZONES.rglob("[A-Z]*") if file.is_file() and file.relative_to(TIME_ZONES).parts[0] not in ("posix", "right"))
    return sorted(file for file in listed if file.read_bytes().startswith(b"TZif"))


def image(program: Path) -> Image:
    files: dict[str, Path | str] = {
        "usr/local/bin/milvus-tls": program,
        "etc/passwd": f"root:x:0:0:root:/root:/sbin/nologin\noperator:x:{USER}:{USER}:operator:/:/sbin/nologin\n",
        "etc/group": f"root:x:0:\noperator:x:{USER}:\n",
    }
    trusted = [AUTHORITIES] if AUTHORITIES.exists() else []  # may be absent: pods get the API server's CA from the cluster
    return Image(
        NAME,
        ["/usr/local/bin/milvus-tls"],
        files | at_their_paths([*libraries(program), *trusted, *time_zones()]),
        folders=("tmp",),
        command=["operator"],
        user=f"{USER}:{USER}",
    )


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit("usage: build_operator_image.py PROGRAM FOLDER")
    packed, folder = image(Path(sys.argv[1])), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    pack(packed, folder)
    print(folder / archive_name(packed))


if __name__ == "__main__":
    main()
