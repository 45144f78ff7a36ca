// A small D-Bus client: see sys/dbus.h.
#include "sys/dbus.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sys/pty.h"

#define PATIENCE (30 * SECOND) // timeout for a reply
enum { MESSAGE_MAX = 1 << 20, SIGNALS_MAX = 1024 };
enum { METHOD_CALL = 1, METHOD_RETURN = 2, ERROR_REPLY = 3, SIGNAL = 4 };
enum {
	FIELD_PATH = 1,
	FIELD_INTERFACE = 2,
	FIELD_MEMBER = 3,
	FIELD_ERROR = 4,
	FIELD_REPLY = 5,
	FIELD_DESTINATION = 6,
	FIELD_SIGNATURE = 8
};

struct dbus {
	int fd;
	uint32_t serial;
	struct params jobs; // signals "member path" → result, that came before they were waited for
};

void dbus_align(struct str *body, size_t to)
{
	while (body->length % to)
		str_add_char(body, '\0');
}

void dbus_byte(struct str *body, uint8_t value)
{
	str_add_char(body, (char)value);
}

void dbus_u32(struct str *body, uint32_t value)
{
	value = htole32(value);
	dbus_align(body, 4);
	str_add_bytes(body, &value, sizeof(value));
}

void dbus_u64(struct str *body, uint64_t value)
{
	value = htole64(value);
	dbus_align(body, 8);
	str_add_bytes(body, &value, sizeof(value));
}

void dbus_bool(struct str *body, bool value)
{
	dbus_u32(body, value);
}

void dbus_text(struct str *body, const char *text)
{
	size_t n = strlen(text);

	dbus_u32(body, (uint32_t)n);
	str_add_bytes(body, text, n + 1);
}

void dbus_signature(struct str *body, const char *signature)
{
	size_t n = strlen(signature);

	dbus_byte(body, (uint8_t)n);
	str_add_bytes(body, signature, n + 1);
}

size_t dbus_array_begin(struct str *body, size_t align)
{
	dbus_u32(body, 0);
	size_t mark = body->length;
	dbus_align(body, align);
	return mark << 4 | align; // both are added at the end, and the alignment is at most 8
}

// The length includes neither itself nor the padding before the first element.
void dbus_array_end(struct str *body, size_t mark)
{
	size_t at = mark >> 4, align = mark & 15, start = (at + align - 1) / align * align;
	uint32_t length = htole32((uint32_t)(body->length - start));

	memcpy(body->text + at - sizeof(length), &length, sizeof(length));
}

static void header_field(struct str *out, uint8_t code, const char *type, const char *text)
{
	if (!text)
		return;
	dbus_align(out, 8);
	dbus_byte(out, code);
	dbus_signature(out, type);
	if (*type == 'g')
		dbus_signature(out, text);
	else
		dbus_text(out, text);
}

static void write_call(struct str *out, const struct dbus_call *call, uint32_t serial)
{
	dbus_byte(out, 'l');
	dbus_byte(out, METHOD_CALL);
	dbus_byte(out, 0);
	dbus_byte(out, 1); // version of the protocol
	dbus_u32(out, call->body ? (uint32_t)call->body->length : 0);
	dbus_u32(out, serial);
	size_t mark = dbus_array_begin(out, 8);
	header_field(out, FIELD_PATH, "o", call->path);
	header_field(out, FIELD_INTERFACE, "s", call->interface);
	header_field(out, FIELD_MEMBER, "s", call->member);
	header_field(out, FIELD_DESTINATION, "s", call->destination);
	header_field(out, FIELD_SIGNATURE, "g", call->body && call->body->length ? call->signature : NULL);
	dbus_array_end(out, mark);
	dbus_align(out, 8);
	if (call->body)
		str_add_bytes(out, call->body->text, call->body->length);
}

static int send_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		bytes += sent;
		n -= (size_t)sent;
	}
	return 0;
}

static int receive_all(int fd, char *bytes, size_t n, int64_t deadline)
{
	while (n) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int ready = poll(&p, 1, clock_poll_ms(deadline));

		if (ready == 0)
			return -ETIMEDOUT;
		ssize_t got = ready < 0 ? -1 : recv(fd, bytes, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EPIPE;
		bytes += got;
		n -= (size_t)got;
	}
	return 0;
}

// A received message, and a cursor in a part of it.
struct message {
	uint8_t type;
	uint32_t reply;
	const char *member, *error, *signature;
	const char *body;
	size_t body_size;
	char *bytes;
};

struct cursor {
	const char *bytes;
	size_t size, at;
};

static bool take_u32(struct cursor *c, uint32_t *value)
{
	c->at = (c->at + 3) / 4 * 4;
	if (c->at + 4 > c->size)
		return false;
	memcpy(value, c->bytes + c->at, 4);
	*value = le32toh(*value);
	c->at += 4;
	return true;
}

static bool read_sized(struct cursor *c, size_t length, const char **text)
{
	if (length >= c->size - c->at || c->bytes[c->at + length] != '\0')
		return false;
	*text = c->bytes + c->at;
	c->at += length + 1;
	return true;
}

static bool read_text(struct cursor *c, const char **text)
{
	uint32_t length;

	return take_u32(c, &length) && c->at < c->size && read_sized(c, length, text);
}

static bool read_signature(struct cursor *c, const char **text)
{
	if (c->at >= c->size)
		return false;
	size_t length = (uint8_t)c->bytes[c->at++];
	return c->at < c->size && read_sized(c, length, text);
}

static bool read_field(struct cursor *c, struct message *m)
{
	const char *type, *text = NULL;
	uint32_t number = 0;

	c->at = (c->at + 7) / 8 * 8;
	if (c->at >= c->size)
		return false;
	uint8_t code = (uint8_t)c->bytes[c->at++];
	if (!read_signature(c, &type))
		return false;
	bool good = *type == 'u'                   ? take_u32(c, &number)
	            : *type == 'g'                 ? read_signature(c, &text)
	            : *type == 's' || *type == 'o' ? read_text(c, &text)
	                                           : false;
	if (code == FIELD_MEMBER)
		m->member = text;
	else if (code == FIELD_ERROR)
		m->error = text;
	else if (code == FIELD_SIGNATURE)
		m->signature = text;
	else if (code == FIELD_REPLY)
		m->reply = number;
	return good;
}

static void message_done(struct message *m)
{
	free(m->bytes);
	*m = (struct message){0};
}

// The fixed part has 16 bytes: its last number is the length of the fields, its first that of the body after them.
static int dbus_receive(struct dbus *d, struct message *m, int64_t deadline)
{
	char start[16];
	uint32_t body, fields;
	int r = receive_all(d->fd, start, sizeof(start), deadline);

	*m = (struct message){0};
	if (r < 0)
		return r;
	memcpy(&body, start + 4, 4);
	memcpy(&fields, start + 12, 4);
	body = le32toh(body);
	fields = le32toh(fields);
	if (start[0] != 'l' || body > MESSAGE_MAX || fields > MESSAGE_MAX)
		return -EPROTO;
	size_t padded = ((size_t)fields + 7) / 8 * 8;
	m->type = (uint8_t)start[1];
	m->bytes = mem_new(padded + body + 1);
	r = receive_all(d->fd, m->bytes, padded + body, deadline);
	struct cursor c = {.bytes = m->bytes, .size = fields};
	while (r == 0 && c.at < c.size)
		if (!read_field(&c, m))
			r = -EPROTO;
	m->body = m->bytes + padded;
	m->body_size = body;
	if (r < 0)
		message_done(m);
	return r;
}

static void dbus_remember(struct dbus *d, const struct message *m)
{
	struct cursor c = {.bytes = m->body, .size = m->body_size};
	const char *path, *unit, *result;
	uint32_t id;

	if (!m->member || !str_equal(m->signature, "uoss") || !take_u32(&c, &id) || !read_text(&c, &path) ||
	    !read_text(&c, &unit) || !read_text(&c, &result))
		return;
	if (d->jobs.count >= SIGNALS_MAX)
		params_done(&d->jobs); // old jobs of other clients
	auto_free char *name = mem_printf("%s %s", m->member, path);
	params_add(&d->jobs, name, result);
}

static char *first_text(const struct message *m)
{
	struct cursor c = {.bytes = m->body, .size = m->body_size};
	const char *text;

	return m->signature && (m->signature[0] == 's' || m->signature[0] == 'o') && read_text(&c, &text)
	           ? mem_strdup(text)
	           : NULL;
}

static int wait_reply(struct dbus *d, const struct dbus_call *call, uint32_t serial, char **answer, struct err *e)
{
	int64_t deadline = clock_mono() + PATIENCE;

	for (;;) {
		struct message m;
		int r = dbus_receive(d, &m, deadline);

		if (r < 0)
			return err_set(e, -r, "no reply to %s", call->member);
		if (m.type == SIGNAL)
			dbus_remember(d, &m);
		bool ours = (m.type == METHOD_RETURN || m.type == ERROR_REPLY) && m.reply == serial;
		if (ours && m.type == ERROR_REPLY) {
			auto_free char *text = first_text(&m);
			r = err_msg(e, EREMOTEIO, "%s: %s", m.error ? m.error : "error", text ? text : "refused");
			if (answer)
				*answer = mem_strdup(m.error);
		} else if (ours && answer) {
			*answer = first_text(&m);
		}
		message_done(&m);
		if (ours)
			return r;
	}
}

int dbus_call(struct dbus *d, const struct dbus_call *call, char **answer, struct err *e)
{
	auto_str out = {0};
	uint32_t serial = ++d->serial;

	if (answer)
		*answer = NULL;
	write_call(&out, call, serial);
	int r = send_all(d->fd, out.text, out.length);
	return r < 0 ? err_set(e, -r, "cannot send %s", call->member) : wait_reply(d, call, serial, answer, e);
}

int dbus_wait_job(struct dbus *d, const char *member, const char *path, char **result, struct err *e)
{
	auto_free char *name = mem_printf("%s %s", member, path);
	int64_t deadline = clock_mono() + PATIENCE;
	const char *found;

	while (!(found = params_get(&d->jobs, name))) {
		struct message m;
		int r = dbus_receive(d, &m, deadline);

		if (r < 0)
			return err_set(e, -r, "no signal %s", member);
		if (m.type == SIGNAL)
			dbus_remember(d, &m);
		message_done(&m);
	}
	*result = mem_strdup(found);
	return 0;
}

// A line from the peer, without its end. Returns 0 or negative errno.
static int receive_line(int fd, char *line, size_t size, int64_t deadline)
{
	size_t n = 0;
	int r = 0;

	while (r == 0 && n + 1 < size && (n == 0 || line[n - 1] != '\n'))
		if ((r = receive_all(fd, line + n, 1, deadline)) == 0)
			n++;
	line[n] = '\0';
	return r;
}

// SASL EXTERNAL (RFC 4422): the peer takes the user from the socket. No uid is sent: in a user namespace it would be
// the wrong one.
static int dbus_authenticate(int fd)
{
	static const char mechanism[] = "\0AUTH EXTERNAL\r\n", nothing[] = "DATA\r\n";
	int64_t deadline = clock_mono() + PATIENCE;
	char answer[256];
	int r = send_all(fd, mechanism, sizeof(mechanism) - 1);

	if (r == 0)
		r = receive_line(fd, answer, sizeof(answer), deadline);
	if (r == 0 && str_starts(answer, "DATA") && (r = send_all(fd, nothing, sizeof(nothing) - 1)) == 0)
		r = receive_line(fd, answer, sizeof(answer), deadline);
	if (r < 0)
		return r;
	return str_starts(answer, "OK ") ? send_all(fd, "BEGIN\r\n", 7) : -EACCES;
}

int dbus_connect(struct dbus **d, const char *path, bool bus, struct err *e)
{
	static const struct dbus_call hello = {
	    "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", NULL, NULL};
	auto_close int fd = fd_connect(path, e);

	if (fd < 0)
		return fd;
	int r = dbus_authenticate(fd);
	if (r < 0)
		return err_set(e, -r, "cannot authenticate at '%s'", path);
	*d = mem_new(sizeof(**d));
	(*d)->fd = steal_fd(&fd);
	r = bus ? dbus_call(*d, &hello, NULL, e) : 0;
	if (r < 0) {
		dbus_free(*d);
		*d = NULL;
	}
	return r;
}

void dbus_free(struct dbus *d)
{
	if (!d)
		return;
	close(d->fd);
	params_done(&d->jobs);
	free(d);
}
