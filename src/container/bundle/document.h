// Finding parts of the OCI configuration that is being generated.
#pragma once

#include <stddef.h>

#include <jansson.h>

// The mount at DESTINATION in DOCUMENT, its index in *INDEX (may be NULL). NULL if there is none.
json_t *document_mount(json_t *document, const char *destination, size_t *index);
