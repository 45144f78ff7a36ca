// Restart policies: "no", "always", "unless-stopped" (same as "always"), "on-failure" or "on-failure:TIMES".
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum policy_kind { POLICY_NO, POLICY_ALWAYS, POLICY_ON_FAILURE };
struct policy {
	enum policy_kind kind;
	int times; // of on-failure, 0 = no limit
};
enum { POLICY_PER_MINUTE = 10 }; // maximum of restarts; more is a crash loop

// Previous restarts.
struct policy_history {
	int restarts;
	int64_t at[POLICY_PER_MINUTE]; // monotonic ns of the latest ones, a ring buffer
};

int policy_parse(struct policy *p, const char *text, struct err *e);
// Whether the policy TEXT starts a container after the host has booted; STOPPED: it ended by a stop.
bool policy_autostarts(const char *text, bool stopped);
// Whether P restarts a container after exit code CODE, regardless of limits.
bool policy_wants(const struct policy *p, int code);
// Whether a container that exited at NOW with CODE is restarted; sets *WAIT to the delay (ns).
bool policy_restarts(const struct policy *p, const struct policy_history *h, int code, int64_t now, int64_t *wait);
void policy_note(struct policy_history *h, int64_t now);
