"""`milvus-tls certs`, and the manual's gen.sh that it replaces."""

import os
import subprocess
from pathlib import Path

from node import REPOSITORY

SCRIPTS = REPOSITORY / "Tests/Fixtures/gen.sh"
SERVER_FILES = ("server.pem", "server.key", "ca.pem")


def certs(*arguments: str | Path) -> str:
    """Runs `milvus-tls certs`, which has to succeed."""
    command = [os.environ["MILVUS_TLS_BINARY"], "certs", *map(str, arguments)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def run_gen_sh(form: str, folder: Path, common_name: str) -> Path:
    """Makes the files of gen.sh, `older` or `newer`, for a server name."""
    folder.mkdir()
    script = (SCRIPTS / f"{form}.sh").read_text(encoding="utf-8").replace('CommonName="localhost"', f'CommonName="{common_name}"')
    (folder / "openssl.cnf").write_bytes((SCRIPTS / "openssl.cnf").read_bytes())
    subprocess.run(["sh", "-e", "-c", script], cwd=folder, check=True, capture_output=True, timeout=60)
    return folder
