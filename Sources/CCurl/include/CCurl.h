// libcurl for Swift: its variadic calls, with the type of each argument spelt out. Nothing here decides anything.
#pragma once
#include <curl/curl.h>
#include <stdint.h>

/// Bytes of the answer's body or one header line; returns how many were taken (fewer ends the transfer).
typedef size_t (*htr_curl_sink)(char *bytes, size_t size, size_t count, void *context);

CURLcode htr_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode htr_curl_set_size(CURL *handle, CURLoption option, int64_t value);
CURLcode htr_curl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode htr_curl_set_bytes(CURL *handle, CURLoption option, const void *value);
CURLcode htr_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode htr_curl_set_sink(CURL *handle, CURLoption option, htr_curl_sink value);
CURLcode htr_curl_get_long(CURL *handle, CURLINFO info, long *value);
