// Names of streams and documents: see model/stream.h.
#include "model/stream.h"

#include <string.h>

#include "base/mem.h"
#include "model/verb.h"

static const char *const documents[] = {
	[DOCUMENT_CONFIG] = "config",
	[DOCUMENT_DETAILS] = "details",
	[DOCUMENT_PROCESSES] = "processes",
	[DOCUMENT_LOG_TAIL] = "log-tail",
	[DOCUMENT_EVENTS] = "events",
	[DOCUMENT_CHANGES] = "changes",
	[DOCUMENT_SPACE] = "space",
	[DOCUMENT_DEFINITION] = "definition",
};

const char *document_name(enum document d)
{
	return documents[d];
}

int document_find(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(documents); i++)
		if (strcmp(documents[i], name) == 0)
			return (int)i;
	return -1;
}

const char *stream_name(enum stream s)
{
	return verb_info(verb_of_stream(s))->name;
}
