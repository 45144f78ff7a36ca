// The networks that a container joins, by its parameters: --network NAME[:KEY=VALUE,…], repeated or separated by
// commas. Pure.
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "model/item.h"

struct attachment {
	char *network;
	char *address, *address6, *mac; // as asked for; NULL = assigned
	struct strv aliases;
};
struct attachments {
	struct attachment *items; // in the order of the interfaces: eth0, eth1, …
	size_t count;
};
void attachments_done(struct attachments *l);
// Appends the networks of TEXT. Returns 0, or -EINVAL for invalid values or a network that occurs twice.
int attachments_parse(struct attachments *l, const char *text, struct err *e);
// Reads the networks of the parameters P, whose --ip, --ip6 and --mac-address need a single network; their
// --network-alias applies to all. Returns 0 or -EINVAL.
int attachments_read(struct attachments *l, const struct params *p, struct err *e);
// The text that attachments_parse() reads. Owned.
char *attachment_text(const struct attachment *a);

static inline void auto_attachments_run(struct attachments *l)
{
	attachments_done(l);
}
#define auto_attachments AUTO(attachments) struct attachments
