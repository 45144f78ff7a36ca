// Requests of the link: each is answered exactly once, or fails with the connection.
#include "state.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "model/id.h"
#include "model/param.h"
#include "model/verb.h"

_Static_assert(LINK_DOCUMENT_MAX == WIRE_DOCUMENT_MAX - 2, "as wire_text() cuts it");

enum { READING = 30 }; // seconds

int64_t request_deadline(enum verb verb, const struct params *params)
{
	const char *timeout = params ? params_get(params, PARAM_TIMEOUT) : NULL;
	int64_t grace = verb_grace(KIND_GUEST); // the longest

	if (timeout && units_parse_duration(timeout, &grace) < 0)
		grace = 0; // leaves the engine time to report its error
	return verb_info(verb)->seconds * SECOND + (verb_info(verb)->flags & HAS_GRACE ? grace : 0);
}

static void end_request(struct request *r, const struct err *e, const char *text)
{
	if (r->reply)
		r->reply(r->context, e, text);
	free(r);
}

// Removes the request ID from the list.
static struct request *take_out(struct link *link, int64_t id)
{
	for (struct request **at = &link->requests; *at; at = &(*at)->next)
		if ((*at)->id == id) {
			struct request *found = *at;

			*at = found->next;
			return found;
		}
	return NULL;
}

static unsigned refuse(const struct link *link, link_reply *reply, void *context)
{
	struct err e = {0};

	err_msg(&e, ENOTCONN, "not connected to '%s'", link->name);
	if (reply)
		reply(context, &e, "");
	return 0;
}

// Adds the number and deadline to MESSAGE, sends it, and stores the callbacks.
static unsigned submit(struct link *link, json_t *message, int64_t deadline, link_reply *reply,
                       link_progress *progress, void *context)
{
	struct request *r = mem_new(sizeof(*r));

	*r = (struct request){
	    link->requests, ++link->last_request, clock_mono() + deadline + LINK_GRACE * SECOND, reply, progress, context,
	    CREATES_NOTHING};
	link->requests = r;
	json_object_set_new(message, "id", json_integer(r->id));
	json_object_set_new(message, "deadline", json_integer(deadline / MS));
	unsigned id = r->id;
	link_send(link, message);
	return id;
}

static json_t *message_to_do(const char *what, const struct params *params)
{
	json_t *message = wire_message("request");

	json_object_set_new(message, "do", json_string(what));
	if (params)
		json_object_set_new(message, "params", wire_params(params));
	return message;
}

static void set_workload(const struct link *link, json_t *message, const char *id)
{
	auto_free char *here = id_rehost(id, ID_HERE), *there = wire_id(link->version, here);

	wire_set_text(message, "workload", there);
}

unsigned link_act(struct link *link, const char *id, enum verb verb, const struct params *params, int64_t deadline,
                  link_reply *reply, link_progress *progress, void *context)
{
	if (!link->up)
		return refuse(link, reply, context);
	json_t *message = message_to_do("act", params);
	set_workload(link, message, id);
	wire_set_text(message, "verb", verb_info(verb)->name);
	return submit(link, message, deadline ? deadline : request_deadline(verb, params), reply, progress, context);
}

unsigned link_create(struct link *link, enum kind kind, const struct params *params, int64_t deadline,
                     link_reply *reply, link_progress *progress, void *context)
{
	if (!link->up)
		return refuse(link, reply, context);
	json_t *message = message_to_do("create", params);
	wire_set_text(message, "kind", workload_kind_name(kind));
	unsigned request = submit(link, message, deadline ? deadline : request_deadline(VERB_CREATE, params), reply,
	                          progress, context);
	if (request)
		link->requests->creates = (int)kind;
	return request;
}

unsigned link_read(struct link *link, const char *id, enum document document, link_reply *reply, void *context)
{
	if (!link->up)
		return refuse(link, reply, context);
	json_t *message = message_to_do("read", NULL);
	set_workload(link, message, id);
	wire_set_text(message, "document", document_name(document));
	return submit(link, message, READING * SECOND, reply, NULL, context);
}

unsigned link_choices(struct link *link, enum kind kind, enum verb verb, const char *field, const char *typed,
                      const struct params *so_far, link_reply *reply, void *context)
{
	if (!link->up)
		return refuse(link, reply, context);
	json_t *message = message_to_do("choices", so_far);
	wire_set_text(message, "kind", kind_name(kind));
	wire_set_text(message, "verb", verb_info(verb)->name);
	wire_set_text(message, "field", field);
	json_object_set_new(message, "typed", wire_text(typed, strlen(typed), false));
	return submit(link, message, READING * SECOND, reply, NULL, context);
}

static unsigned ask_engine(struct link *link, json_t *message, const char *engine, int64_t deadline, link_reply *reply,
                           void *context)
{
	wire_set_text(message, "engine", engine);
	return submit(link, message, deadline, reply, NULL, context);
}

unsigned link_list(struct link *link, const char *engine, unsigned kinds, int64_t deadline, link_reply *reply,
                   void *context)
{
	if (!link->up)
		return refuse(link, reply, context);
	json_t *message = message_to_do("list", NULL);
	json_object_set_new(message, "kinds", json_integer(kinds));
	return ask_engine(link, message, engine, deadline, reply, context);
}

unsigned link_sample(struct link *link, const char *engine, int64_t deadline, link_reply *reply, void *context)
{
	if (!link->up)
		return refuse(link, reply, context);
	return ask_engine(link, message_to_do("sample", NULL), engine, deadline, reply, context);
}

void link_cancel(struct link *link, unsigned request)
{
	bool known = false;

	for (const struct request *r = link->requests; r; r = r->next)
		known |= r->id == request;
	if (!known)
		return;
	json_t *message = wire_message("cancel");
	json_object_set_new(message, "id", json_integer(request));
	link_send(link, message);
}

// TEXT with the id of the new workload, which it begins with, converted to this side's host name.
static char *local_text(const struct link *link, const struct request *r, const char *text)
{
	size_t length = strcspn(text, "\n");
	auto_free char *id = mem_strndup(text, length), *own = id_rehost(id, link->name),
	               *complete = r->creates >= 0 ? id_with_kind(own, (enum kind)r->creates) : NULL;

	return complete && id_is_on(id, ID_HERE) ? mem_printf("%s%s", complete, text + length) : mem_strdup(text);
}

int request_take_reply(struct link *link, const json_t *message, const char *handed, struct err *e)
{
	struct request *r = take_out(link, wire_get_int(message, "id", 1, UINT32_MAX, 0));
	const json_t *error = json_object_get(message, "error");
	auto_free char *text = wire_cut_text(message, "text", WIRE_DOCUMENT_MAX);
	struct err failure = {0};

	(void)e;
	if (!r)
		return 0; // it timed out here
	if (error)
		wire_error_read(&failure, error);
	auto_free char *own = local_text(link, r, text ? text : handed);
	end_request(r, &failure, own);
	return 0;
}

int request_take_progress(struct link *link, const json_t *message, struct err *e)
{
	int64_t id = wire_get_int(message, "id", 1, UINT32_MAX, 0);
	const json_t *fraction = json_object_get(message, "fraction");
	auto_free char *text = wire_cut_text(message, "text", WIRE_WORD_MAX),
	               *there = wire_cut_text(message, "job", WIRE_ID_MAX),
	               *job = there ? id_rehost(there, link->name) : NULL;

	(void)e;
	for (struct request *r = link->requests; r; r = r->next)
		if (r->id == id && r->progress) {
			r->progress(r->context, json_is_number(fraction) ? json_number_value(fraction) : -1, text ? text : "",
			            job);
			break; // the callback may have changed the list
		}
	return 0;
}

void requests_fail(struct link *link, int code, const char *text)
{
	struct request *all = steal(link->requests);
	struct err e = {0};

	err_msg(&e, code, "%s", text);
	while (all) {
		struct request *next = all->next;

		end_request(all, &e, "");
		all = next;
	}
}

void requests_check(struct link *link, int64_t now)
{
	for (struct request *r = link->requests, *next; r; r = next) {
		struct err e = {0};

		next = r->next;
		if (r->deadline >= now)
			continue;
		err_msg(&e, ETIMEDOUT, "timeout: no answer from '%s'; the action may still be performed", link->name);
		end_request(take_out(link, r->id), &e, "");
		next = link->requests; // the callback may have changed the list
	}
}
