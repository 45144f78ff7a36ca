// Attached terminals: see container/clients.h. Must not know what runs in the container or where its output comes from.
#include "container/clients.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define MS INT64_C(1000000)

void clients_open(struct clients *c, int listener, bool early)
{
	*c = (struct clients){.listener = listener, .early = early};
	for (int i = 0; i < CLIENTS_MAX; i++)
		c->items[i].fd = -1;
}

static void drop(struct client *client)
{
	auto_close_run(&client->fd);
	str_done(&client->out);
	*client = (struct client){.fd = -1};
}

void clients_done(struct clients *c)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		drop(&c->items[i]);
	auto_close_run(&c->listener);
	c->listener = -1;
	str_done(&c->backlog);
}

// Leaves the last KEEP bytes.
static void shorten(struct str *text, size_t keep)
{
	if (text->length <= keep)
		return;
	memmove(text->text, text->text + text->length - keep, keep);
	text->length = keep;
	text->text[keep] = '\0';
}

void clients_stop_waiting(struct clients *c)
{
	auto_str rest = {0};

	if (!c->early)
		return;
	c->early = false;
	shorten(&c->backlog, ATTACH_BACKLOG);
	str_add_bytes(&rest, str_text(&c->backlog), c->backlog.length); // in a block of its own size
	str_done(&c->backlog);
	c->backlog = rest;
	rest = (struct str){0};
}

// Sends what waits, as far as it goes.
static void push(struct client *client, int64_t now)
{
	ssize_t n = client->out.length ? send(client->fd, client->out.text, client->out.length, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(client);
		return;
	}
	if (n <= 0)
		return;
	client->moved = now;
	shorten(&client->out, client->out.length - (size_t)n);
	if (!client->out.length)
		str_done(&client->out);
}

static void queue(struct client *client, const char *bytes, size_t n, int64_t now)
{
	if (client->fd < 0 || n == 0)
		return;
	if (!client->out.length)
		client->moved = now;
	str_add_bytes(&client->out, bytes, n);
	push(client, now);
}

void clients_send(struct clients *c, const char *bytes, size_t n)
{
	size_t limit = c->early ? CLIENTS_EARLY_BACKLOG : ATTACH_BACKLOG;
	int64_t now = clock_mono();

	if (c->backlog.length + n > limit && c->backlog.length > limit / 2)
		shorten(&c->backlog, limit / 2);
	str_add_bytes(&c->backlog, n > limit ? bytes + n - limit : bytes, n > limit ? limit : n);
	for (int i = 0; i < CLIENTS_MAX; i++)
		queue(&c->items[i], bytes, n, now);
}

bool clients_are_behind(struct clients *c, int64_t now, int *timeout)
{
	bool behind = false;

	for (int i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &c->items[i];
		if (client->fd < 0 || client->out.length < CLIENTS_QUEUE)
			continue;
		int64_t left = CLIENTS_PATIENCE - (now - client->moved) / MS;
		if (left <= 0) {
			drop(client);
			continue;
		}
		behind = true;
		if (*timeout < 0 || left < *timeout)
			*timeout = (int)left;
	}
	return behind;
}

void clients_poll(const struct clients *c, struct pollfd p[CLIENTS_POLL], bool hear)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		p[i] = (struct pollfd){c->items[i].fd, (short)((hear ? POLLIN : 0) | (c->items[i].out.length ? POLLOUT : 0)), 0};
	p[CLIENTS_MAX] = (struct pollfd){c->listener, POLLIN, 0};
}

// Returns whether there was one.
static bool take_in(struct clients *c, int64_t now)
{
	auto_close int fd = c->listener < 0 ? -1 : accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);

	for (int i = 0; fd >= 0 && i < CLIENTS_MAX; i++)
		if (c->items[i].fd < 0) {
			c->items[i].fd = steal_fd(&fd);
			queue(&c->items[i], str_text(&c->backlog), c->backlog.length, now);
			clients_stop_waiting(c);
			return true;
		}
	return fd >= 0;
}

static void take_frames(struct client *client, clients_frame *frame, void *context)
{
	struct attach_frame f;
	ssize_t n = recv(client->fd, client->in + client->have, sizeof(client->in) - client->have, MSG_DONTWAIT);
	int used;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(client);
		return;
	}
	client->have += (size_t)n;
	while ((used = attach_parse(client->in, client->have, &f)) > 0) {
		frame(context, &f);
		client->have -= (size_t)used;
		memmove(client->in, client->in + used, client->have);
	}
	if (used < 0)
		drop(client);
}

void clients_serve(struct clients *c, const struct pollfd p[CLIENTS_POLL], int64_t now, clients_frame *frame, void *context)
{
	for (int i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &c->items[i];
		if (p[i].fd < 0 || client->fd != p[i].fd)
			continue;
		if (p[i].revents & POLLOUT)
			push(client, now);
		if (p[i].revents & ~POLLOUT && client->fd >= 0)
			take_frames(client, frame, context);
	}
	if (p[CLIENTS_MAX].revents)
		take_in(c, now);
}

static void ignore(void *context, const struct attach_frame *f)
{
	(void)context, (void)f;
}

static bool is_waiting(const struct clients *c)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (c->items[i].fd >= 0 && c->items[i].out.length)
			return true;
	return false;
}

void clients_finish(struct clients *c, int64_t timeout)
{
	int64_t now = clock_mono(), until = now + timeout;

	while (take_in(c, now))
		;
	for (; is_waiting(c) && now < until; now = clock_mono()) {
		struct pollfd p[CLIENTS_POLL];
		clients_poll(c, p, true);
		poll(p, CLIENTS_MAX, (int)((until - now) / MS) + 1);
		p[CLIENTS_MAX].revents = 0;
		clients_serve(c, p, clock_mono(), ignore, NULL);
	}
	clients_done(c);
}
