print("milvus-tls")
