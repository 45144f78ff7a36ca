// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads a container's configuration, using the cache of seccomp profiles.
#include "configure.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/container/container.h"
#include "bunk/filter/cache.h"
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "state.h"

// A configuration with warnings is not cached, so that the warnings appear each time.
static void note_warning(void *context, const char *text)
{
	struct container *c = context;

	c->warned = true;
	if (c->b->warn && !c->exec) // already shown when it was created
		c->b->warn(c->b->context, text);
}

static int parse_text(struct container *c, const char *text, size_t n, struct err *e)
{
	return config_parse(&c->config, "config.json", text, n, note_warning, c, e);
}

// Parses the configuration without the profile, whose program is cached: it is most of a usual configuration.
static int parse_around(struct container *c, struct profile profile)
{
	auto_str rest = {0};

	str_add_bytes(&rest, c->config_text, (size_t)(profile.text - c->config_text));
	str_add(&rest, "null");
	str_add(&rest, profile.text + profile.size);
	return parse_text(c, rest.text, rest.length, NULL);
}

int configure_read(struct container *c, struct err *e)
{
	size_t n = strlen(c->config_text);
	struct profile profile = filter_find(c->config_text, n);

	if (profile.size && state_make_root(c, NULL) == 0 &&
	    filter_recall(&c->plan.filter, &c->plan.pool, c->states_fd, profile) == 0) {
		if (parse_around(c, profile) == 0)
			return 0;
		plan_done(&c->plan); // parse the whole text for correct positions in errors
		config_done(&c->config);
	}
	return parse_text(c, c->config_text, n, e);
}

void configure_warn(const struct container *c)
{
	const char *name = c->plan.process.caps.unknown;
	auto_free char *text =
	    name ? mem_printf("process.capabilities: unknown capability '%s', ignored", name) : NULL;

	if (text && c->b->warn)
		c->b->warn(c->b->context, text);
}

void configure_remember(struct container *c)
{
	struct profile profile = c->config.seccomp.given && !c->warned && !c->plan.filter.notify
	                             ? filter_find(c->config_text, strlen(c->config_text))
	                             : (struct profile){0};

	if (profile.size && state_make_root(c, NULL) == 0)
		filter_remember(&c->plan.filter, c->states_fd, profile);
}
