// SPDX-License-Identifier: LGPL-2.1-or-later
// The lists of steps of parent and child, and their messages: see phase.h.
#include "phase.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "container.h"

static void note_step(const struct container *c, const struct step *step)
{
	auto_free char *text = c->b->debug ? mem_printf("container '%s': %s", c->id, step->name) : NULL;

	if (text)
		c->b->debug(c->b->context, text);
}

int steps_do(struct container *c, const struct step *steps, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		note_step(c, &steps[i]);
		int r = steps[i].run(c, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int phase_send(int socket, enum phase phase, int value, const struct err *err)
{
	struct phase_message m = {.phase = phase, .value = value};
	size_t size = offsetof(struct phase_message, err);

	if (err) {
		m.err = *err;
		size = sizeof(m);
	}
	return send(socket, &m, size, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

// Returns 1 for a message, 0 for a closed socket, negative errno.
static int phase_receive(int socket, struct phase_message *m, int flags)
{
	ssize_t n;

	*m = (struct phase_message){0};
	do
		n = recv(socket, m, sizeof(*m), flags);
	// ECONNRESET comes once, before the messages: the peer ended with unread ones
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n == 0)
		return 0;
	if (n < 0)
		return -errno;
	return (size_t)n >= offsetof(struct phase_message, err) ? 1 : -EPROTO;
}

static int phase_error(const struct phase_message *m, struct err *e)
{
	int code = m->err.code > 0 ? m->err.code : EIO;

	if (e) {
		*e = m->err;
		e->code = code;
		e->text[sizeof(e->text) - 1] = '\0';
	}
	return -code;
}

int phase_wait(int socket, enum phase phase, struct err *e)
{
	struct phase_message m;
	int r = phase_receive(socket, &m, 0);

	if (r < 0)
		return err_set(e, -r, "cannot hear from the container's process");
	if (r == 0)
		return err_msg(e, EPIPE, "the container's process exited early");
	if (m.phase == PHASE_FAILED)
		return phase_error(&m, e);
	return m.phase == (int)phase
	           ? m.value
	           : err_msg(e, EPROTO, "the container's process is at phase %d, not %d", m.phase, phase);
}

int phase_wait_end(int socket, struct err *e)
{
	struct phase_message m;
	int r;

	do
		r = phase_receive(socket, &m, 0);
	while (r > 0 && m.phase == PHASE_READY);
	if (r < 0)
		return err_set(e, -r, "cannot hear from the container's process");
	if (r == 0)
		return 0;
	return m.phase == PHASE_FAILED ? phase_error(&m, e)
	                               : err_msg(e, EPROTO, "the container's process says phase %d at its end", m.phase);
}

int phase_go(int socket, int value, struct err *e)
{
	int r = phase_send(socket, PHASE_GO, value, NULL);
	int why = r < 0 ? phase_failure(socket, e) : 0; // what it said before it went is still there to be read

	return r < 0 && why >= 0 ? err_set(e, -r, "the container's process exited early") : r < 0 ? why : 0;
}

int phase_failure(int socket, struct err *e)
{
	struct phase_message m;
	bool ready = false;
	int r;

	while ((r = phase_receive(socket, &m, MSG_DONTWAIT)) > 0 && m.phase == PHASE_READY)
		ready = true;
	return r > 0 && m.phase == PHASE_FAILED ? phase_error(&m, e) : ready;
}
