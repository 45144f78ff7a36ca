// Sends lines to the agent, and messages without an answer.
#include "state.h"

#include "base/clock.h"
#include "base/mem.h"

struct writing {
	uv_write_t request;
	struct str text;
};

static void on_written(uv_write_t *request, int status)
{
	struct writing *w = request->data;

	(void)status; // a broken connection is detected when reading
	str_done(&w->text);
	free(w);
}

static uv_stream_t *stream_to(struct conn *c)
{
	return (uv_stream_t *)(c->one_handle ? &c->out : &c->in);
}

void link_send(struct link *link, json_t *message)
{
	struct writing *w = mem_new(sizeof(*w));
	struct conn *c = link->conn;

	w->request.data = w;
	int r = wire_add(&w->text, message);
	uv_buf_t buffer = uv_buf_init(w->text.text, (unsigned)w->text.length);
	if (c && uv_stream_get_write_queue_size(stream_to(c)) > WIRE_BACKLOG_MAX)
		c->stuffed = true; // on_second() checks the backlog: many callers cannot handle losing the connection here
	if (r < 0 || !c || c->stuffed || uv_write(&w->request, stream_to(c), &buffer, 1, on_written) < 0)
		on_written(&w->request, -1);
}

void link_set_interval(struct link *link, int64_t interval)
{
	link->interval = interval;
	if (!link->up)
		return;
	json_t *message = wire_message("interval");
	json_object_set_new(message, "ms", json_integer(interval / MS));
	link_send(link, message);
}

void link_refresh(struct link *link)
{
	if (link->up)
		link_send(link, wire_message("refresh"));
}
