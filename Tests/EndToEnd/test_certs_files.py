"""`milvus-tls certs` on file systems that take no file, or not all of them."""

import os
import subprocess
from pathlib import Path

import pytest

from certs_command import certs

FULL = "No space left on device: make room there, or use another folder; no file was changed"
READ_ONLY = "Read-only file system: use a folder and files that this user may write to; no file was changed"


def in_mount(options: str, folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Runs a script with a tmpfs in place of a folder, in a mount namespace of its own. $MILVUS_TLS and $DIR stand for program and folder."""
    environment = os.environ | {"MILVUS_TLS": os.environ["MILVUS_TLS_BINARY"], "DIR": str(folder)}
    program = f'mount -t tmpfs -o {options} tmpfs "$DIR"\n{script}'
    return subprocess.run(["unshare", "--mount", "sh", "-c", program], env=environment, capture_output=True, text=True, timeout=60)


def test_a_full_disk_leaves_no_file_of_a_creation(tmp_path: Path) -> None:
    answer = in_mount("size=12k", tmp_path, '"$MILVUS_TLS" certs create --out "$DIR"; echo "status $?"; ls -A "$DIR"')
    assert answer.stdout == "status 1\n"
    assert answer.stderr.startswith(f"Error: {tmp_path}/") and answer.stderr.endswith(f": {FULL}\n") and answer.stderr.count("\n") == 1


# With all seven files in place there is room for so many pages of new ones: no set is complete.
@pytest.mark.parametrize("free_pages", [0, 1, 4])
def test_a_full_disk_leaves_every_old_file_of_a_renewal(tmp_path: Path, free_pages: int) -> None:
    script = f"""
      "$MILVUS_TLS" certs create --out "$DIR" > /dev/null || exit 9
      cd "$DIR" && sha256sum * > /tmp/before.$$
      mount -o remount,size={4 * (7 + free_pages)}k "$DIR"
      "$MILVUS_TLS" certs renew --dir "$DIR"; echo "status $?"
      sha256sum --check --quiet /tmp/before.$$ && ls -A | wc -l
      rm /tmp/before.$$
    """
    answer = in_mount("size=1m", tmp_path, script)
    assert answer.stdout == "status 1\n7\n", answer.stderr
    assert answer.stderr.startswith(f"Error: {tmp_path}/") and answer.stderr.endswith(f": {FULL}\n") and answer.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", ["create --out", "create --force --out", "renew --dir"])
def test_a_read_only_folder_is_said_in_one_line(tmp_path: Path, arguments: str) -> None:
    script = f"""
      [ "{arguments}" = "create --out" ] || "$MILVUS_TLS" certs create --out "$DIR" > /dev/null || exit 9
      mount -o remount,ro "$DIR"
      "$MILVUS_TLS" certs {arguments} "$DIR"; echo "status $?"
    """
    answer = in_mount("size=1m", tmp_path, script)
    assert answer.stdout == "status 1\n"
    assert answer.stderr.startswith(f"Error: {tmp_path}/") and answer.stderr.endswith(f": {READ_ONLY}\n") and answer.stderr.count("\n") == 1


def test_renewed_files_stay_with_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    certs("create", "--out", folder)
    for file in folder.iterdir():
        os.chown(file, 1234, 4321)
    certs("renew", "--dir", folder)
    assert {(file.stat().st_uid, file.stat().st_gid) for file in folder.iterdir()} == {(1234, 4321)}
