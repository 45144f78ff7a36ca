// The clients of a container: see clients.h.
#include "clients.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach.h"
#include "base/clock.h"
#include "base/mem.h"

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void clients_open(struct clients *c, int listener)
{
	*c = (struct clients){.listener = listener, .spare = listener < 0 ? -1 : open_spare()};
	for (int i = 0; i < CLIENTS_MAX; i++)
		c->items[i].fd = -1;
}

static void drop_client(struct client *client)
{
	auto_close_run(&client->fd);
	free(client->in);
	str_done(&client->out);
	*client = (struct client){.fd = -1};
}

void clients_done(struct clients *c)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		drop_client(&c->items[i]);
	auto_close_run(&c->listener);
	auto_close_run(&c->spare);
	c->listener = c->spare = -1;
	str_done(&c->backlog);
}

static void cut_front(struct str *text, size_t n)
{
	memmove(text->text, text->text + n, text->length - n);
	text->length -= n;
	text->text[text->length] = '\0';
}

static void add_frame(struct str *out, char type, const void *payload, size_t n)
{
	unsigned char header[ATTACH_HEADER];

	attach_header(header, type, n);
	str_add_bytes(out, header, sizeof(header));
	str_add_bytes(out, payload, n);
}

static void add_skipped(struct client *client)
{
	unsigned char count[8];

	for (int i = 0; i < 8; i++)
		count[i] = (unsigned char)(client->skipped >> (56 - 8 * i));
	if (client->skipped)
		add_frame(&client->out, ATTACH_SKIPPED, count, sizeof(count));
	client->skipped = 0;
	client->skipping = false;
}

// Sends as much of the queue as possible without blocking.
static void flush_client(struct client *client, int64_t now)
{
	ssize_t n =
	    client->out.length ? send(client->fd, client->out.text, client->out.length, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop_client(client);
		return;
	}
	if (n <= 0)
		return;
	client->moved = now;
	cut_front(&client->out, (size_t)n);
	if (client->out.length)
		return;
	str_done(&client->out);
	if (client->skipping) {
		add_skipped(client);
		flush_client(client, now);
	}
}

static struct client new_client(int fd, bool foreground, int64_t now)
{
	return (struct client){.fd = fd, .foreground = foreground, .in = mem_array(CLIENTS_IN, 1), .moved = now};
}

static struct client *find_unused_client(struct clients *c)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (c->items[i].fd < 0)
			return &c->items[i];
	return NULL;
}

void clients_add_foreground(struct clients *c, int line)
{
	*find_unused_client(c) = new_client(line, true, clock_mono());
}

// Drops the oldest frames beyond what a new client gets.
static void shorten_backlog(struct str *backlog)
{
	struct attach_frame f;
	size_t cut = 0;
	int n;

	while ((n = attach_parse((const unsigned char *)backlog->text + cut, backlog->length - cut, &f)) > 0 &&
	       backlog->length - cut - (size_t)n >= ATTACH_BACKLOG)
		cut += (size_t)n;
	if (cut)
		cut_front(backlog, cut);
}

static void send_output(struct client *client, char stream, const char *bytes, size_t n, int64_t now)
{
	if (client->skipping) {
		client->skipped += n;
		return;
	}
	if (!client->out.length)
		client->moved = now;
	add_frame(&client->out, stream, bytes, n);
	flush_client(client, now);
}

void clients_send(struct clients *c, char stream, const char *bytes, size_t n)
{
	int64_t now = clock_mono();

	add_frame(&c->backlog, stream, bytes, n);
	shorten_backlog(&c->backlog);
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (c->items[i].fd >= 0)
			send_output(&c->items[i], stream, bytes, n, now);
}

// Whether the container waits for CLIENT; *LEFT is how much longer (ns), -1 = indefinitely.
static bool is_waited_for(struct client *client, int64_t now, int64_t *left)
{
	if (client->fd < 0 || client->skipping || client->out.length < CLIENTS_QUEUE)
		return false;
	*left = client->foreground ? -1 : CLIENTS_PATIENCE * MS - (now - client->moved);
	client->skipping = !client->foreground && *left <= 0;
	return !client->skipping;
}

static void shorten_timeout(int *timeout, int64_t left)
{
	int ms = (int)(left / MS) + 1;

	if (left >= 0 && (*timeout < 0 || ms < *timeout))
		*timeout = ms;
}

bool clients_are_behind(struct clients *c, int64_t now, int *timeout)
{
	bool behind = false;

	for (int i = 0; i < CLIENTS_MAX; i++) {
		int64_t left;
		if (!is_waited_for(&c->items[i], now, &left))
			continue;
		behind = true;
		shorten_timeout(timeout, left);
	}
	if (c->listener >= 0 && c->rest > now)
		shorten_timeout(timeout, c->rest - now);
	return behind;
}

void clients_poll(const struct clients *c, struct pollfd p[CLIENTS_POLL], bool listen, int64_t now)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		p[i] = (struct pollfd){c->items[i].fd, (short)((listen ? POLLIN : 0) | (c->items[i].out.length ? POLLOUT : 0)),
		                       0};
	p[CLIENTS_MAX] = (struct pollfd){c->rest > now ? -1 : c->listener, POLLIN, 0};
}

// Sends the client the reason.
static void refuse_client(int fd, const char *why)
{
	auto_str frame = {0};

	add_frame(&frame, ATTACH_REFUSED, why, strlen(why));
	if (send(fd, frame.text, frame.length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return; // it has disconnected
}

// A client that cannot be accepted would keep poll(2) ready forever. Freeing the spare descriptor allows to accept and
// refuse it.
static void refuse_by_spare(struct clients *c, int64_t now)
{
	auto_close_run(&c->spare);
	auto_close int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		refuse_client(
		    fd,
		    "its monitor has no file descriptors left (raise the limit, ulimit -n, before starting the "
		    "container)");
	else
		c->rest = now + CLIENTS_REST * MS;
	auto_close_run(&fd);
	fd = -1;
	c->spare = open_spare();
}

// Returns whether a client was accepted or refused.
static bool accept_client(struct clients *c, int64_t now)
{
	auto_close int fd = c->listener < 0 ? -1 : accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
	struct client *client = find_unused_client(c);

	if (c->listener >= 0 && fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		refuse_by_spare(c, now);
	if (fd < 0)
		return false;
	if (!client) {
		refuse_client(fd, "too many clients");
		return true;
	}
	*client = new_client(steal_fd(&fd), false, now);
	str_add_bytes(&client->out, str_text(&c->backlog), c->backlog.length);
	flush_client(client, now);
	return true;
}

static void handle_frames(struct client *client, clients_frame *frame, void *context)
{
	struct attach_frame f;
	ssize_t n = recv(client->fd, client->in + client->have, CLIENTS_IN - client->have, MSG_DONTWAIT);
	int used;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop_client(client);
		return;
	}
	client->have += (size_t)n;
	while ((used = attach_parse(client->in, client->have, &f)) > 0) {
		frame(context, client, &f);
		client->have -= (size_t)used;
		memmove(client->in, client->in + used, client->have);
	}
	if (used < 0 || client->have == CLIENTS_IN)
		drop_client(client);
}

void clients_serve(struct clients *c, const struct pollfd p[CLIENTS_POLL], int64_t now, clients_frame *frame,
                   void *context)
{
	for (int i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &c->items[i];
		if (p[i].fd < 0 || client->fd != p[i].fd)
			continue;
		if (p[i].revents & POLLOUT)
			flush_client(client, now);
		if (p[i].revents & ~POLLOUT && client->fd >= 0)
			handle_frames(client, frame, context);
	}
	if (p[CLIENTS_MAX].revents)
		accept_client(c, now);
}

void clients_send_exit(struct clients *c, int code)
{
	int64_t now = clock_mono();
	unsigned char status = (unsigned char)code;

	while (accept_client(c, now))
		;
	for (int i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &c->items[i];
		if (client->fd < 0)
			continue;
		add_skipped(client);
		add_frame(&client->out, ATTACH_EXIT, &status, 1);
		flush_client(client, now);
	}
}

static void ignore_frame(void *context, const struct client *from, const struct attach_frame *f)
{
	(void)context, (void)from, (void)f;
}

static bool is_waiting(const struct clients *c, bool foreground)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (c->items[i].fd >= 0 && c->items[i].out.length && (c->items[i].foreground || !foreground))
			return true;
	return false;
}

void clients_finish(struct clients *c, int64_t timeout)
{
	int64_t now = clock_mono(), until = now + timeout;

	for (; is_waiting(c, now >= until); now = clock_mono()) {
		struct pollfd p[CLIENTS_POLL];
		clients_poll(c, p, true, now);
		poll(p, CLIENTS_MAX, now < until ? clock_poll_ms(until) : -1);
		p[CLIENTS_MAX].revents = 0;
		clients_serve(c, p, clock_mono(), ignore_frame, NULL);
	}
	clients_done(c);
}
