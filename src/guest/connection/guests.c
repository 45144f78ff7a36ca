// The guests of one connection between calls: their rows and lifetime.
#include "guests.h"

#include <string.h>

#include "base/mem.h"
#include "guest/definition/facts.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"
#include "guest/guests.h"
#include "guest/host/uri.h"
#include "sys/cgroup.h"

int guests_has(const char *uri, const char *name)
{
	struct uri_choice choice;

	if (strchr(name, '/'))
		return -1;
	uri_choose(&choice, uri, false);
	int has = uri_has(choice.uri, name);
	uri_choice_done(&choice);
	return has;
}

// --- lifetime ---

bool guests_is_session(const struct guests *g)
{
	return uri_is_session(g->uri);
}

bool guests_is_lost(const struct guests *g)
{
	return g->control && atomic_load(&g->lost) == g->control;
}

struct guests *guests_new(const char *uri, bool read_only)
{
	struct guests *g = mem_new(sizeof(*g));
	pthread_condattr_t attributes;

	g->refs = 1;
	g->read_only = read_only;
	uri_choose(&g->choice, uri, read_only);
	g->uri = g->choice.uri;
	g->lazy = !g->choice.by_user && guests_is_session(g) && session_is_installed();
	g->local = uri_is_local(g->uri);
	cgroup_layout_read(&g->layout, NULL); // without it, figures come from /proc
	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&g->condition, &attributes);
	pthread_condattr_destroy(&attributes);
	image_cache_init(&g->images);
	return g;
}

void guests_set_neighbours(struct guests *g,
                           void (*add)(const char *network, struct strv *leases, struct strv *used_by))
{
	g->neighbours = add;
}

void guests_set_port_check(struct guests *g, int (*check)(struct ports *ports, struct err *e))
{
	g->check_ports = check;
}

void guests_ref(struct guests *g)
{
	atomic_fetch_add(&g->refs, 1);
}

void guest_forget_process(struct guest *row)
{
	cgroup_reader_free(row->group);
	row->group = NULL;
	row->pid = 0;
	row->pid_started = 0;
	row->started = 0;
}

void guest_done(struct guest *row)
{
	guest_forget_process(row);
	domain_facts_done(&row->facts);
	free(row->addresses);
}

void figures_free(struct figures *figures, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(figures[i].devices);
	free(figures);
}

static void guests_free(struct guests *g)
{
	for (size_t i = 0; i < g->count; i++)
		guest_done(&g->rows[i]);
	free(g->rows);
	figures_free(g->figures, g->figure_count);
	image_cache_done(&g->images);
	claims_done(&g->system_claims);
	pool_volumes_done(&g->volumes);
	cgroup_layout_done(&g->layout);
	pthread_cond_destroy(&g->condition);
	pthread_mutex_destroy(&g->lock);
	uri_choice_done(&g->choice);
	free(g->refused);
	free(g);
}

void guests_unref(struct guests *g)
{
	if (atomic_fetch_sub(&g->refs, 1) == 1)
		guests_free(g);
}

// --- rows ---

struct guest *guests_find(struct guests *g, const char *uuid)
{
	for (size_t i = 0; i < g->count; i++)
		if (strcmp(g->rows[i].uuid, uuid) == 0)
			return &g->rows[i];
	return NULL;
}

struct guest *guests_find_or_add(struct guests *g, const char *uuid)
{
	struct guest *row = guests_find(g, uuid);

	if (row)
		return row;
	g->rows = mem_resize(g->rows, g->count + 1, sizeof(*g->rows));
	row = &g->rows[g->count++];
	*row = (struct guest){0};
	memcpy(row->uuid, uuid, sizeof(row->uuid));
	return row;
}

char *guests_name(struct guests *g, const char *uuid)
{
	pthread_mutex_lock(&g->lock);
	const struct guest *row = guests_find(g, uuid);
	char *name = mem_strdup(row && row->facts.name ? row->facts.name : uuid);
	pthread_mutex_unlock(&g->lock);
	return name;
}

void guests_touch(struct guests *g, const char *uuid)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->count; i++)
		if (!uuid || strcmp(g->rows[i].uuid, uuid) == 0)
			g->rows[i].current = false;
	g->changed = true;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
}
