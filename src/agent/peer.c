// Communication of the agent's loop and threads: posts from a thread to the loop, waiting, and lines to the peer.
#include "state.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/mem.h"

struct post *post_new(void (*deliver)(struct agent *a, struct post *p), struct agent_engine *engine,
                      struct job_item *job)
{
	struct post *p = mem_new(sizeof(*p));

	p->deliver = deliver;
	p->engine = engine;
	p->job = job;
	return p;
}

void agent_post(struct agent *a, struct post *p)
{
	uv_mutex_lock(&a->lock);
	if (a->last)
		a->last->next = p;
	else
		a->first = p;
	a->last = p;
	uv_async_send(&a->wakeup); // under the lock: the loop closes the handle only after the last post
	uv_mutex_unlock(&a->lock);
}

void engine_post_text(struct agent_engine *en, void (*deliver)(struct agent *a, struct post *p), struct str *text)
{
	if (text->length) {
		struct post *p = post_new(deliver, en, NULL);

		p->text = *text;
		*text = (struct str){0};
		agent_post(en->agent, p);
	}
}

static bool sleep_interval(struct agent *a, int64_t ns, const int64_t *interval)
{
	uv_mutex_lock(&a->lock);
	if (!atomic_load(&a->stopping) && (!interval || a->interval == *interval))
		uv_cond_timedwait(&a->changed, &a->lock, (uint64_t)ns);
	uv_mutex_unlock(&a->lock);
	return !atomic_load(&a->stopping);
}

int agent_version(struct agent *a)
{
	enum { PATIENCE = 2 };
	int64_t until = clock_mono() + PATIENCE * SECOND, now;

	uv_mutex_lock(&a->lock);
	while (!a->peer_version && !a->peer_assumed && !atomic_load(&a->stopping) && (now = clock_mono()) < until)
		uv_cond_timedwait(&a->changed, &a->lock, (uint64_t)(until - now));
	a->peer_assumed |= !a->peer_version;
	int version = a->peer_version ? a->peer_version : 1;
	uv_mutex_unlock(&a->lock);
	return version;
}

bool agent_nap(struct agent *a, int64_t ns)
{
	return sleep_interval(a, ns, NULL);
}

bool agent_nap_while(struct agent *a, int64_t ns, int64_t interval)
{
	return sleep_interval(a, ns, &interval);
}

static uv_stream_t *out_of(const struct agent *a)
{
	return (uv_stream_t *)(a->one_handle ? &a->in : &a->out);
}

size_t agent_backlog(const struct agent *a)
{
	return uv_stream_get_write_queue_size(out_of(a));
}

struct writing {
	uv_write_t request;
	struct str text;
};

static void on_written(uv_write_t *request, int status)
{
	struct writing *w = request->data;
	struct agent *a = request->handle->data;

	str_done(&w->text);
	free(w);
	a->on_written(a, status);
}

void agent_send_text(struct agent *a, struct str *text)
{
	if (a->ending || !text->length)
		return;
	struct writing *w = mem_new(sizeof(*w));
	w->text = *text;
	w->request.data = w;
	*text = (struct str){0};
	uv_buf_t buffer = uv_buf_init(w->text.text, (unsigned)w->text.length);
	if (uv_write(&w->request, out_of(a), &buffer, 1, on_written) < 0) {
		str_done(&w->text);
		free(w);
	}
}

void agent_send(struct agent *a, json_t *message)
{
	auto_str line = {0};

	wire_add(&line, message);
	agent_send_text(a, &line);
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void agent_finish(struct agent *a)
{
	uv_walk(&a->loop, close_handle, NULL);
}

void agent_thread_ended(struct agent *a, struct post *p)
{
	(void)p;
	a->threads--;
	if (a->ending && a->threads == 0)
		agent_finish(a);
}

int agent_thread(void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, 512 << 10);
	int r = pthread_create(&thread, &attributes, run, argument);
	pthread_attr_destroy(&attributes);
	return -r;
}
