"""Packs the tests' container images as archives for `ctr images import`, without Docker and without a registry.

usage: build_images.py --milvus FOLDER --output FOLDER
  --milvus   the unpacked server (unpack_milvus.py)
  --output   folder for the archives; existing ones with the same contents are reused

Prints the folder of the archives.
"""

import argparse
import hashlib
import shutil
import tempfile
from pathlib import Path

import image_archive
from image_archive import Image, at_their_paths, libraries, pack

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "images"
BUSYBOX = Path("/bin/busybox")
HAPROXY = Path("/usr/sbin/haproxy")
APPLETS = ("sh", "awk", "cat", "cp", "date", "ls", "mkdir", "sleep")


def images(milvus: Path) -> list[Image]:
    return [
        pause(),
        real_milvus(milvus),
        milvus_2_5("local/milvus:v2.5.4"),
        milvus_2_5("local/milvus:v2.6.6"),
        milvus_2_5("local/milvus-without-internal-tls:v2.5.4", "false"),
        tls_server(),
    ]


def pause() -> Image:
    """The sandbox of every pod: a process that only sleeps."""
    return Image("local/pause:1", ["/bin/busybox", "sleep", "2147483647"], {"bin/busybox": BUSYBOX})


def real_milvus(milvus: Path) -> Image:
    """Milvus 2.3.5 standalone with embedded etcd, from /milvus as in the published images."""
    files = {str(Path("milvus") / path.relative_to(milvus)): path for path in milvus.rglob("*") if path.is_file()}
    files |= at_their_paths(system_libraries(milvus))
    return Image(
        "local/milvus:v2.3.5",
        [],
        files | shell_files() | {"usr/bin/milvus": '#!/bin/sh\ncd /milvus && exec /milvus/bin/milvus "$@"\n'},
        shell_links(),
        ("milvus/data", "tmp", "var/lib/milvus", "run/milvus"),
        ("PATH=/usr/bin:/bin", "MILVUSCONF=/milvus/configs", "LD_LIBRARY_PATH=/milvus/bin", "DEPLOY_MODE=STANDALONE"),
    )


def milvus_2_5(name: str, internal_tls: str = "") -> Image:
    """Replaces Milvus 2.5 and later; see images/milvus-2.5.sh. `internal_tls` is the value it always reports."""
    environment = ("PATH=/usr/bin:/bin",) + ((f"INTERNAL_TLS={internal_tls}",) if internal_tls else ())
    files = script("milvus-2.5.sh") | {"www/healthz": "OK\n"}
    return Image(name, [], files | shell_files(), shell_links(), ("milvus/configs", "tmp"), environment)


def tls_server() -> Image:
    """A server with Milvus's external TLS and a graceful stop; see images/tls-server.sh. Its version has no internal TLS."""
    files = script("tls-server.sh") | {"usr/bin/haproxy": HAPROXY} | at_their_paths(libraries(HAPROXY))
    return Image("local/tls-server:v2.3.5", [], files | shell_files(), shell_links(), ("milvus/configs", "tmp"), ("PATH=/usr/bin:/bin",))


def script(name: str) -> dict[str, Path | str]:
    """One of the scripts in images/, installed as Milvus's program."""
    return {"usr/bin/milvus": SCRIPTS / name, "usr/lib/milvus/settings.sh": SCRIPTS / "settings.sh"}


def system_libraries(milvus: Path) -> list[Path]:
    """This machine's libraries that Milvus loads in addition to those of its package."""
    return libraries(milvus / "bin/milvus", milvus / "bin")


def shell_files() -> dict[str, Path | str]:
    return {"bin/busybox": BUSYBOX, "etc/passwd": "root:x:0:0:root:/:/bin/sh\n", "etc/nsswitch.conf": "hosts: files dns\n"}


def shell_links() -> dict[str, str]:
    return {f"bin/{applet}": "busybox" for applet in APPLETS}


def contents_key(milvus: Path) -> str:
    """Changes with the content of the images; the name of Milvus's folder contains its version."""
    key = hashlib.sha256(str(milvus).encode())
    own = (Path(__file__), Path(image_archive.__file__), *sorted(SCRIPTS.iterdir()))
    for path in (*own, BUSYBOX, HAPROXY, *libraries(HAPROXY), *system_libraries(milvus)):
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
