"""Connects to Milvus with pymilvus, as an application does, and prints the version of the server and its collections as JSON.

usage: connect.py OPTIONS    the arguments of MilvusClient as JSON
"""

import json
import sys

from pymilvus import MilvusClient


def main() -> None:
    client = MilvusClient(**json.loads(sys.argv[1]))
    client.create_collection("greetings", dimension=2)
    print(json.dumps({"version": client.get_server_version(), "collections": client.list_collections()}))


if __name__ == "__main__":
    main()
