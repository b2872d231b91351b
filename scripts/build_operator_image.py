"""Builds the image of the operator from the Dockerfile with buildah: no Docker, no registry. As root.

usage: build_operator_image.py [--program PROGRAM] FOLDER
  --program  the built milvus-tls; else one is built for release, from what the Dockerfile copies and nothing else
  FOLDER     folder for the archive and the list of what is in the image (SPDX)

The stages of the Dockerfile run as they are, in chroots, but for two that no registry is asked for. The base is made of
Debian's packages, once, as the published one is. The steps of the stage "build" run on this machine, where Swift is.

Prints the archive's path.
"""

import argparse
import fcntl
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import check_image

REPOSITORY = Path(__file__).resolve().parent.parent
NAME = "docker.io/library/milvus-tls-operator:0.1.0"  # as Kubernetes reads the name without a registry
TOOLS = "localhost/milvus-tls-operator-tools"
SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
BASE = f"docker.io/library/debian:{SUITE}-slim"
# As in the published base: packages without manuals and translations, apt without caches.
BASE_FILES = {
    "etc/dpkg/dpkg.cfg.d/docker": """path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
""",
    "etc/apt/apt.conf.d/docker-clean": 'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\nAcquire::Languages "none";\n',
}


class Builder:
    """buildah with a store of its own."""

    def __init__(self, cache: Path) -> None:
        store = cache / f"containers-{SUITE}"
        store.mkdir(parents=True, exist_ok=True)
        self._lock = (store / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)  # one build at a time: the end of one removes what it does not need
        self._command = ["buildah", f"--root={store / 'root'}", f"--runroot={store / 'run'}", "--storage-driver=overlay"]
        if subprocess.run([*self._command, "info"], capture_output=True).returncode != 0:  # the machine itself is on an overlay
            self._command[-1] = "--storage-driver=vfs"

    def run(self, *arguments: str | Path) -> str:
        """Standard output. The rest is shown if the command fails."""
        done = subprocess.run([*self._command, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise SystemExit(f"error: buildah {arguments[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout.strip()

    def make_base(self, epoch: str) -> None:
        if self.run("images", "--quiet", "--filter", f"reference={BASE}"):
            return
        print(f"==> making {BASE} of Debian's packages (once; a minute)", file=sys.stderr)
        container = self.run("from", "scratch")
        try:
            root = Path(self.run("mount", container))
            made = subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(root), MIRROR], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if made.returncode != 0:
                raise SystemExit(f"error: debootstrap failed:\n{made.stdout[-2000:]}")
            slim(root)
            self.run("commit", "--quiet", f"--timestamp={epoch}", container, BASE)
        finally:
            self.run("rm", container)

    def build(self, stage: Path, archive: Path, epoch: str) -> None:
        self._build_target("tools", TOOLS, epoch)  # has a name, so that it is not removed below
        self._build_target(
            "image",
            NAME,
            epoch,
            f"--build-context=build={stage.parent}",
            f"--build-arg=SOURCE_DATE_EPOCH={epoch}",
            f"--build-arg=REVISION={git('rev-parse', 'HEAD')}",
        )
        partial = archive.with_suffix(".partial")  # another run may be reading the archive
        partial.unlink(missing_ok=True)
        self.run("push", "--quiet", NAME, f"docker-archive:{partial}:{NAME}")
        partial.rename(archive)
        self.run("rmi", "--prune")  # of the build before

    def _build_target(self, target: str, name: str, epoch: str, *options: str) -> None:
        fixed = ["--isolation=chroot", "--layers", "--pull=never", f"--timestamp={epoch}", f"--file={REPOSITORY / 'Dockerfile'}"]
        self.run("build-using-dockerfile", *fixed, f"--target={target}", f"--tag={name}", *options, REPOSITORY)


def slim(root: Path) -> None:
    for path, text in BASE_FILES.items():
        (root / path).write_text(text, encoding="utf-8")
    for file in (root / "usr/share/doc").rglob("*"):
        if file.name != "copyright" and not file.is_dir():
            file.unlink()
    for folder in ("dev", "usr/share/info", "usr/share/locale", "usr/share/man", "var/cache/apt", "var/lib/apt/lists", "var/log"):
        for inside in (root / folder).iterdir():
            shutil.rmtree(inside) if inside.is_dir() and not inside.is_symlink() else inside.unlink()


def git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", str(REPOSITORY), *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def steps_of_build_stage() -> list[list[str]]:
    """The words of its instructions. A line that ends with a backslash continues."""
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    stage = re.search(r"^FROM \S+ AS build$(.*?)^FROM ", text, re.DOTALL | re.MULTILINE)
    return [shlex.split(line, comments=True) for line in stage.group(1).splitlines() if line and not line.startswith("#")]


def run_build_stage(stage: Path) -> None:
    """Copies what the Dockerfile copies, and nothing else, and runs its commands there. Debian's packages are here already."""
    source = REPOSITORY / ".build/image/source"
    source.mkdir(parents=True, exist_ok=True)
    for instruction, *words in steps_of_build_stage():
        if instruction == "COPY":
            *copied, _ = words
            subprocess.run(["rsync", "--archive", "--delete", "--exclude=.build*/", *copied, source], cwd=REPOSITORY, check=True)
        elif instruction == "RUN" and words[0] != "apt-get":
            subprocess.run([str(stage) if word == "/stage" else word for word in words], cwd=source, check=True, stdout=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()

    arguments.folder.mkdir(parents=True, exist_ok=True)
    archive = arguments.folder / "milvus-tls-operator.tar"
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct")
    builder = Builder(Path(os.environ["MILVUS_TLS_CACHE"]))
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder) / "stage"
        if arguments.program:
            command = [REPOSITORY / "scripts/stage_image.sh", stage, arguments.program.resolve()]
            subprocess.run(command, cwd=REPOSITORY, check=True, stdout=sys.stderr)
        else:
            run_build_stage(stage)
        builder.make_base(epoch)
        builder.build(stage, archive, epoch)
    (arguments.folder / "milvus-tls-operator.spdx.json").write_bytes(check_image.read(archive, check_image.SBOM))
    print(archive)


if __name__ == "__main__":
    main()
