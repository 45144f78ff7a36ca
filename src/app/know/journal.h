// The journal: events of workloads, and actions from this dashboard with their equivalent command lines.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str;

enum {
	JOURNAL_MOST = 2000,
	JOURNAL_TEXT_MOST = 2048, // bytes of one entry; longer ones are truncated
};

struct entry {
	int64_t at;  // wall-clock ns
	char *id;    // of the workload, NULL = the host's
	char *text;  // untrusted: escaped when drawn
	bool bad;
	bool ours;   // an action from this dashboard
};

// Oldest first; the oldest are dropped when there are too many.
struct journal {
	struct entry *entries;
	size_t count;
	uint64_t changes; // incremented with each entry
};

void journal_done(struct journal *j);
void journal_add(struct journal *j, int64_t at, const char *id, bool bad, bool ours, const char *text);
// The entries of ID (NULL: all; OURS: only actions from this dashboard) as lines "12:30:05  text".
void journal_text(const struct journal *j, const char *id, bool ours, struct str *out);
