// Parts of the OCI configuration that is being generated.
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/str.h"

// The mount at DESTINATION in DOCUMENT, its index in *INDEX (may be NULL). NULL if there is none.
json_t *document_mount(json_t *document, const char *destination, size_t *index);
// A list of COUNT texts, or of those in V; new references.
json_t *document_texts(const char *const *texts, size_t count);
#define DOCUMENT_TEXTS(A) document_texts(A, ARRAY_SIZE(A))
json_t *document_list(const struct strv *v);
