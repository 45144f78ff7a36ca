// The guest engine: the guest layer behind the engine table.
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "container/containers.h"
#include "container/networks.h"
#include "engine/engine.h"
#include "guest/guests.h"
#include "guest/volumes.h"
#include "model/id.h"
#include "model/param.h"
#include "shared_networks.h"

enum {
	LISTED = 1 << KIND_GUEST | 1 << KIND_NETWORK | 1 << KIND_VOLUME | 1 << KIND_DISK | 1 << KIND_INTERFACE,
};

static int libvirt_open(void **self, const char *where, bool read_only, struct err *e)
{
	int r = guests_open((struct guests **)self, where, read_only, e);

	if (r < 0)
		return r;
	guests_set_neighbours(*self, containers_on_network);
	guests_set_port_check(*self, containers_check_ports);
	return 0;
}

static char *libvirt_note(void *self)
{
	char *note = guests_note(self);

	return note ? note : guests_volumes_note(self);
}

static bool libvirt_may_have(const char *where, enum kind kind)
{
	return kind == KIND_VOLUME ? guests_may_have_volumes(where) : LISTED >> kind & 1;
}

static void libvirt_close(void *self)
{
	guests_close(self);
}

static int libvirt_list(void *self, struct inventory *inv, struct err *e)
{
	return guests_list(self, inv, e);
}

static void add_sample(void *context, const char *key, const struct sample *s)
{
	sample_set_take(context, id_make("libvirt", KIND_GUEST, key), s);
}

static void add_device_sample(void *context, enum kind kind, const char *uuid, const char *device,
                              const struct sample *s)
{
	auto_free char *key = mem_printf("%s/%s", uuid, device);

	sample_set_take(context, id_make("libvirt", kind, key), s);
}

static int libvirt_sample(void *self, const struct measures *what, struct sample_set *set, struct err *e)
{
	int r = guests_sample(self, what, add_sample, set, e);

	if (r == 0)
		guests_sample_devices(self, what, add_device_sample, set);
	return r;
}

static int libvirt_wait(void *self, int64_t timeout, struct err *e)
{
	return guests_wait(self, timeout, e);
}

static void libvirt_wake(void *self)
{
	guests_wake(self);
}

// Guests are connected to networks by their definitions; containers, by the layer of containers.
static bool connects(enum verb verb)
{
	return verb == VERB_CONNECT || verb == VERB_DISCONNECT;
}

static bool libvirt_does(enum kind kind, enum verb verb)
{
	if (kind == KIND_NETWORK)
		return verb == VERB_CREATE || connects(verb) || guests_network_do(verb);
	if (kind == KIND_VOLUME)
		return verb == VERB_CREATE || guests_volume_do(verb);
	return kind == KIND_GUEST && (verb == VERB_CREATE || guests_do(verb));
}

static int connect_container(void *self, const char *key, enum verb verb, const struct params *p,
                             const struct job *job, struct err *e)
{
	auto_free char *name = guests_network_name(self, key, e);
	struct containers *c = NULL;

	if (!name)
		return -e->code;
	containers_use_networks(&shared_networks_of_libvirt);
	int r = containers_open(&c, NULL, false, e);
	if (r == 0) {
		r = containers_network_act(c, name, verb, p, job, e);
		containers_close(c);
	}
	return r;
}

static bool is_volume(const char *id)
{
	return id_is_complete(id) && id_may_be(id, KIND_VOLUME);
}

static int act_on_volume(void *self, const char *id, enum verb verb, const struct params *p, const struct job *job,
                         struct err *e)
{
	auto_free char *key = id_plain_key(id);

	return guests_volume_act(self, key, verb, p, job, e);
}

static int libvirt_act(void *self, const char *id, enum verb verb, const struct params *p, const struct job *job,
                       struct err *e)
{
	if (is_volume(id))
		return act_on_volume(self, id, verb, p, job, e);
	if (!id_is_complete(id) || !id_may_be(id, KIND_NETWORK))
		return guests_act(self, id_key(id), verb, p, job, e);
	return connects(verb) ? connect_container(self, id_key(id), verb, p, job, e)
	                      : guests_network_act(self, id_key(id), verb, p, job, e);
}

static int libvirt_create(void *self, enum kind kind, const struct params *p, const struct job *job,
                          char **id, struct err *e)
{
	auto_free char *key = NULL;

	int r = kind == KIND_NETWORK  ? guests_network_create(self, p, &key, e)
	        : kind == KIND_VOLUME ? guests_volume_create(self, p, &key, e)
	                              : guests_create(self, p, job, &key, e);

	if (r == 0)
		*id = id_make("libvirt", kind, key);
	return r;
}

static int libvirt_choices(void *self, enum kind kind, const struct verb_field *field, const struct params *so_far,
                           struct strv *out, struct err *e)
{
	(void)kind, (void)so_far;
	return guests_choices(self, field->name, out, e);
}

// Large disks or slow storage take time.
static bool libvirt_create_is_long(void *self, enum kind kind, const struct params *p)
{
	(void)self, (void)kind;
	return *params_or(p, PARAM_NEW_DISK, "");
}

static int read_network_details(void *self, const char *key, struct str *text, struct err *e)
{
	auto_free char *name = guests_network_name(self, key, e);
	int r = name ? guests_network_details(self, key, text, e) : -e->code;

	if (r == 0)
		containers_on_network_details(name, text);
	return r;
}

static int read_network(void *self, const char *key, enum document what, struct str *text, struct err *e)
{
	return what == DOCUMENT_DETAILS      ? read_network_details(self, key, text, e)
	       : what == DOCUMENT_CONFIG     ? guests_network_config(self, key, text, e)
	       : what == DOCUMENT_DEFINITION ? guests_network_definition(self, key, text, e)
	                                     : 0;
}

static int read_volume(struct guests *g, const char *id, enum document what, struct str *text, struct err *e)
{
	auto_free char *key = id_plain_key(id);

	return what == DOCUMENT_DETAILS  ? guests_volume_details(g, key, text, e)
	       : what == DOCUMENT_CONFIG ? guests_volume_config(g, key, text, e)
	                                 : 0;
}

static int libvirt_read(void *self, const char *id, enum document what, struct str *text, struct err *e)
{
	static int (*const readers[])(struct guests *, const char *, struct str *, struct err *) = {
		[DOCUMENT_CONFIG] = guests_read_config,
		[DOCUMENT_DETAILS] = guests_read_details,
		[DOCUMENT_PROCESSES] = guests_read_processes,
		[DOCUMENT_LOG_TAIL] = guests_read_log_tail,
		[DOCUMENT_EVENTS] = NULL, // libvirt keeps none
		[DOCUMENT_CHANGES] = NULL,
		[DOCUMENT_DEFINITION] = guests_read_definition,
	};

	if (is_volume(id))
		return read_volume(self, id, what, text, e);
	if (id_is_complete(id) && id_may_be(id, KIND_NETWORK))
		return read_network(self, id_key(id), what, text, e);
	return !readers[what] ? 0 : readers[what](self, id_key(id), text, e);
}

static int libvirt_stream(void *self, const char *id, enum stream stream, const struct params *p, struct err *e)
{
	auto_free char *key = is_volume(id) ? id_plain_key(id) : NULL;

	if (key)
		return guests_volume_stream(self, key, stream, e);
	switch (stream) {
	case STREAM_LOGS:
		return guests_logs(self, id_key(id), p, e);
	case STREAM_EXEC:
		return guests_exec(self, id_key(id), p, e);
	case STREAM_CONSOLE:
		return guests_console(self, id_key(id), p, e);
	default:
		return err_msg(e, EOPNOTSUPP, "cannot attach to a guest: use its serial console");
	}
}

// A note, not an error: containers work without libvirt.
static int libvirt_check(const char *where, unsigned flags, struct findings *f, struct err *e)
{
	static const char check[] = "guests";
	struct inventory *inv = inventory_new();
	struct err failure = {0};
	void *self = NULL;

	(void)flags, (void)e;
	strv_add(&f->checks, check);
	int r = libvirt_open(&self, where, true, &failure);
	if (r == 0)
		r = libvirt_list(self, inv, &failure);
	if (r < 0)
		findings_add(f, check, "libvirt", NULL, "no guests: %s", failure.text)->note = true;
	if (self)
		libvirt_close(self);
	inventory_free(inv);
	return 0;
}

const struct engine_ops engine_libvirt = {
	.name = "libvirt",
	.kind = KIND_GUEST,
	.lists = LISTED,
	.open = libvirt_open,
	.close = libvirt_close,
	.has = guests_has,
	.may_have = libvirt_may_have,
	.list = libvirt_list,
	.note = libvirt_note,
	.sample = libvirt_sample,
	.wait = libvirt_wait,
	.wake = libvirt_wake,
	.does = libvirt_does,
	.act = libvirt_act,
	.create = libvirt_create,
	.choices = libvirt_choices,
	.create_is_long = libvirt_create_is_long,
	.read = libvirt_read,
	.stream = libvirt_stream,
	.check = libvirt_check,
};
