"""Uses Milvus with pymilvus as an application does, and prints the version of the server, its collections and what a search found as JSON.

usage: connect.py OPTIONS    the arguments of MilvusClient as JSON
"""

import json
import sys

from pymilvus import MilvusClient


def main() -> None:
    client = MilvusClient(**json.loads(sys.argv[1]))
    client.create_collection("greetings", dimension=2)
    client.insert("greetings", [{"id": 1, "vector": [1.0, 0.0]}, {"id": 2, "vector": [0.0, 1.0]}])
    hits = client.search("greetings", data=[[0.1, 0.9]], limit=1, consistency_level="Strong")
    found = [hit["id"] for hit in hits[0]]
    print(json.dumps({"version": client.get_server_version(), "collections": client.list_collections(), "found": found}))


if __name__ == "__main__":
    main()
