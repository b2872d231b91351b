"""An application that never stops: uses Milvus with pymilvus, a connection after another, each with what the client Secret says at that time.

usage: application.py KUBECONFIG NAMESPACE URI SERVER_NAME

Prints a line of JSON for each connection: the serial number of the client's certificate, and the error, empty where there was none. What
gRPC has to say about a failed handshake is on standard error.
"""

import json
import sys
import tempfile
from pathlib import Path

from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from certificates import facts, unpack
from secret_history import SecretHistory

CLIENT_SECRET = "certs-client"


def main() -> None:
    kubeconfig, namespace, uri, server_name = sys.argv[1:]
    secrets = SecretHistory(Path(kubeconfig), namespace)
    while True:
        with tempfile.TemporaryDirectory() as folder:
            files = unpack(secrets.newest(CLIENT_SECRET), Path(folder))
            error = use_milvus(uri, server_name, files)
            serial_number = facts((files / "client.pem").read_bytes()).serial_number
            print(json.dumps({"client": serial_number, "error": error}), flush=True)


def use_milvus(uri: str, server_name: str, files: Path) -> str:
    identity = {"client_pem_path": str(files / "client.pem"), "client_key_path": str(files / "client.key")}
    try:
        client = MilvusClient(uri, timeout=3, secure=True, server_name=server_name, ca_pem_path=str(files / "ca.pem"), **identity)
    except MilvusException as failure:
        return str(failure)
    try:
        client.list_collections(timeout=3)
    except MilvusException as failure:
        return str(failure)
    finally:
        client.close()
    return ""


if __name__ == "__main__":
    main()
