#pragma once
#include <curl/curl.h>

// Swift cannot call C variadics: one wrapper for each kind of argument. The parentheses step around curl's type checking macros.

static inline CURLcode curl_easy_setopt_long(CURL *handle, CURLoption option, long value) {
  return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode curl_easy_setopt_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode curl_easy_setopt_string(CURL *handle, CURLoption option, const char *value) {
  return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode curl_easy_setopt_pointer(CURL *handle, CURLoption option, void *value) {
  return (curl_easy_setopt)(handle, option, value);
}

// libcurl copies the bytes, so that no caller has to keep them.
static inline CURLcode curl_easy_setopt_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return (curl_easy_setopt)(handle, option, &blob);
}

typedef size_t (*curl_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode curl_easy_setopt_data_callback(CURL *handle, CURLoption option, curl_data_callback callback) {
  return (curl_easy_setopt)(handle, option, callback);
}

static inline CURLcode curl_easy_setopt_seek_callback(CURL *handle, curl_seek_callback callback) {
  return (curl_easy_setopt)(handle, CURLOPT_SEEKFUNCTION, callback);
}

static inline CURLcode curl_easy_setopt_socket_callback(CURL *handle, curl_sockopt_callback callback) {
  return (curl_easy_setopt)(handle, CURLOPT_SOCKOPTFUNCTION, callback);
}

static inline CURLcode curl_easy_setopt_close_callback(CURL *handle, curl_closesocket_callback callback) {
  return (curl_easy_setopt)(handle, CURLOPT_CLOSESOCKETFUNCTION, callback);
}

static inline CURLcode curl_easy_getinfo_long(CURL *handle, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(handle, info, value);
}

static inline CURLcode curl_easy_getinfo_pointer(CURL *handle, CURLINFO info, void **value) {
  return (curl_easy_getinfo)(handle, info, value);
}

static inline CURLMcode curl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
  return (curl_multi_setopt)(multi, option, value);
}

// The result of a finished transfer sits in a C union.
static inline CURLcode curl_message_result(const CURLMsg *message) { return message->data.result; }
