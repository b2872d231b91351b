#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// Macros and variadic functions, which Swift cannot call.

static inline EVP_PKEY *COpenSSL_generateEC(const char *curve) {
  return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
}

static inline EVP_PKEY *COpenSSL_generateRSA(size_t bits) {
  return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

static inline EVP_PKEY *COpenSSL_generateEd25519(void) {
  return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

static inline long COpenSSL_memoryBIOData(BIO *bio, char **data) {
  return BIO_get_mem_data(bio, data);
}

static inline void COpenSSL_free(void *pointer) { OPENSSL_free(pointer); }

static inline STACK_OF(X509) *COpenSSL_certificatesNew(void) { return sk_X509_new_null(); }

static inline int COpenSSL_certificatesPush(STACK_OF(X509) *stack, X509 *certificate) {
  return sk_X509_push(stack, certificate);
}

static inline int COpenSSL_certificatesCount(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }

static inline X509 *COpenSSL_certificatesValue(const STACK_OF(X509) *stack, int index) {
  return sk_X509_value(stack, index);
}

// Frees the stack alone: its certificates are borrowed.
static inline void COpenSSL_certificatesFree(STACK_OF(X509) *stack) { sk_X509_free(stack); }

static inline STACK_OF(X509_EXTENSION) *COpenSSL_extensionsNew(void) { return sk_X509_EXTENSION_new_null(); }

static inline int COpenSSL_extensionsPush(STACK_OF(X509_EXTENSION) *stack, X509_EXTENSION *extension) {
  return sk_X509_EXTENSION_push(stack, extension);
}

// Frees the stack with its extensions.
static inline void COpenSSL_extensionsFree(STACK_OF(X509_EXTENSION) *stack) {
  sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
}

static inline int COpenSSL_generalNamesCount(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

static inline GENERAL_NAME *COpenSSL_generalNamesValue(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}

// Whether an error says that no further PEM block begins.
static inline int COpenSSL_isEndOfPEM(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static inline int COpenSSL_setMinimumVersion(SSL *connection, int version) {
  return SSL_set_min_proto_version(connection, version);
}

static inline int COpenSSL_setServerName(SSL *connection, const char *name) {
  return SSL_set_tlsext_host_name(connection, name);
}

// The number of the alert that the peer sent, where an error says so; -1 for any other error.
static inline int COpenSSL_alert(unsigned long error) {
  int alert = ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET;
  return ERR_GET_LIB(error) == ERR_LIB_SSL && alert >= 0 && alert <= 255 ? alert : -1;
}
