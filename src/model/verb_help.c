// The table of helps of verbs for one kind: see model/verb_help.h.
#include "model/verb_help.h"

#include <ctype.h>

#include "base/mem.h"
#include "model/kind.h"

enum {
	ANY = KIND_BIT_ANY,
	EVERY = ~0,
	CONTAINERS = 1 << KIND_CONTAINER,
	GUESTS = 1 << KIND_GUEST,
	IMAGES = 1 << KIND_IMAGE,
	VOLUMES = 1 << KIND_VOLUME,
	NETWORKS = 1 << KIND_NETWORK,
	JOBS = 1 << KIND_JOB,
};

// The help is BEFORE, the plural of the kind, and AFTER; without AFTER, BEFORE alone. The operands are OPTIONS and, if
// there are SEVERAL or ONE, the kind in capitals.
static const struct kind_help {
	enum verb verb;
	unsigned kinds;
	enum { NONE, ONE, SEVERAL } operands;
	const char *options, *before, *after;
} helps[] = {
	{VERB_LS, EVERY, NONE, "[OPTION]… [FILTER]…", "list ", ""},
	{VERB_START, ANY | NETWORKS, SEVERAL, "", "start ", ""},
	{VERB_STOP, CONTAINERS, SEVERAL, "[OPTION]… ", "stop containers; kill them after a grace period", NULL},
	{VERB_STOP, GUESTS, SEVERAL, "[OPTION]… ", "ask guests to shut down", NULL},
	{VERB_STOP, NETWORKS, SEVERAL, "", "take networks down", NULL},
	{VERB_KILL, ANY, SEVERAL, "[OPTION]… ", "kill ", ", or send a signal"},
	{VERB_PAUSE, ANY, SEVERAL, "", "freeze ", ""},
	{VERB_RESUME, ANY, SEVERAL, "", "resume paused ", ""},
	{VERB_DELETE, CONTAINERS, SEVERAL, "[OPTION]… ", "delete containers permanently", NULL},
	{VERB_DELETE, GUESTS, SEVERAL, "[OPTION]… ", "delete guests permanently", NULL},
	{VERB_DELETE, IMAGES, SEVERAL, "[OPTION]… ", "delete images that no container uses", NULL},
	{VERB_DELETE, VOLUMES, SEVERAL, "", "delete volumes that nothing uses", NULL},
	{VERB_DELETE, NETWORKS, SEVERAL, "", "delete networks that nothing uses", NULL},
	{VERB_DELETE, JOBS, SEVERAL, "", "delete the records of jobs that have ended", NULL},
	{VERB_RENAME, CONTAINERS, NONE, "CONTAINER NEW", "rename a container", NULL},
	{VERB_RENAME, GUESTS, NONE, "GUEST NEW", "rename a guest", NULL},
	{VERB_PRUNE, CONTAINERS, NONE, "[OPTION]…",
	 "show the containers that have ended and how large they are, ask, and remove them", NULL},
	{VERB_PRUNE, IMAGES, NONE, "[OPTION]…",
	 "show the images that have no name and are unused and how large they are, ask, and remove them", NULL},
	{VERB_PRUNE, VOLUMES, NONE, "[OPTION]…",
	 "show the anonymous volumes that no container uses and how large they are, ask, and delete them", NULL},
	{VERB_PRUNE, NETWORKS, NONE, "[OPTION]…",
	 "show the networks that are down and unused, ask, and delete them", NULL},
	{VERB_DF, EVERY, NONE, "", "show the space that ", " take, and how much of it prune would free"},
	{VERB_CONNECT, NETWORKS, NONE, "[OPTION]… NETWORK CONTAINER",
	 "connect a container to a network, even while it runs", NULL},
	{VERB_DISCONNECT, NETWORKS, NONE, "NETWORK CONTAINER", "disconnect a container from a network, even while it runs",
	 NULL},
	{VERB_EDIT, GUESTS, ONE, "[OPTION]… ", "edit the XML of a guest in an editor", NULL},
	{VERB_EDIT, CONTAINERS, ONE, "[OPTION]… ", "edit the JSON of a container in an editor", NULL},
	{VERB_EDIT, NETWORKS, ONE, "[OPTION]… ",
	 "edit the JSON of a network, or the XML of a libvirt network, in an editor", NULL},
	{VERB_LOGS, CONTAINERS, SEVERAL, "[OPTION]… ", "show the output of containers", NULL},
	{VERB_LOGS, GUESTS, SEVERAL, "[OPTION]… ", "show the serial logs of guests", NULL},
	{VERB_WAIT, CONTAINERS, SEVERAL, "", "wait until containers exit, and return their status", NULL},
	{VERB_WAIT, JOBS, SEVERAL, "", "wait until jobs end", NULL},
	{VERB_INSPECT, EVERY, SEVERAL, "[OPTION]… ", "show all details of ", ""},
};

static const struct kind_help *find_help(enum verb verb, enum kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(helps); i++)
		if (helps[i].verb == verb && helps[i].kinds & 1 << kind)
			return &helps[i];
	return NULL;
}

char *verb_help_of(enum verb verb, enum kind kind)
{
	const struct kind_help *h = find_help(verb, kind);

	if (!h && verb_info(verb)->flags & CREATES)
		return mem_printf("%s %s", verb == VERB_RUN ? "create and start" : "create", kind_info(kind)->phrase);
	return !h         ? mem_strdup(verb_info(verb)->help)
	       : h->after ? mem_printf("%s%s%s", h->before, kind_info(kind)->plural, h->after)
	                  : mem_strdup(h->before);
}

char *verb_operands_of(enum verb verb, enum kind kind)
{
	const struct kind_help *h = find_help(verb, kind);
	auto_free char *name = mem_strdup(kind_name(kind));

	if (!h)
		return NULL;
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return mem_printf("%s%s%s", h->options, h->operands == NONE ? "" : name, h->operands == SEVERAL ? "…" : "");
}
