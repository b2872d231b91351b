/// The commit that the program was built from, as the builder said (Package.swift); empty where nobody said.
extern const char *const milvus_tls_commit;
