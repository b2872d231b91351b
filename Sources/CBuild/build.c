#include "CBuild.h"

#ifndef MILVUS_TLS_COMMIT
#define MILVUS_TLS_COMMIT ""
#endif

const char *const milvus_tls_commit = MILVUS_TLS_COMMIT;
