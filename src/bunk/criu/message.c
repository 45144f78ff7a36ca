// SPDX-License-Identifier: LGPL-2.1-or-later
// Protocol Buffers 2 for criu's messages: see message.h. Numbers are varints, everything else is length-delimited
// (encoding.md of the Protocol Buffers documentation).
#include "message.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_LENGTH = 2, WIRE_FIXED32 = 5 };

#define FIELD(NUMBER, KIND, STRUCTURE, NAME) {NUMBER, MESSAGE_##KIND, offsetof(struct STRUCTURE, NAME), NULL}
#define PART(NUMBER, KIND, STRUCTURE, NAME, OF) {NUMBER, MESSAGE_##KIND, offsetof(struct STRUCTURE, NAME), OF}
#define MESSAGE(STRUCTURE, FIELDS) {sizeof(struct STRUCTURE), ARRAY_SIZE(FIELDS), FIELDS}

static const struct message_field page_server_fields[] = {
	FIELD(1, TEXT, criu_page_server, address),
	FIELD(2, NUMBER, criu_page_server, port),
};
static const struct message page_server = MESSAGE(criu_page_server, page_server_fields);

static const struct message_field group_fields[] = {
	FIELD(1, TEXT, criu_group, controller),
	FIELD(2, TEXT, criu_group, path),
};
static const struct message group = MESSAGE(criu_group, group_fields);

static const struct message_field inherit_fields[] = {
	FIELD(1, TEXT, criu_inherit, key),
	FIELD(2, ALWAYS, criu_inherit, fd),
};
static const struct message inherit = MESSAGE(criu_inherit, inherit_fields);

static const struct message_field join_fields[] = {
	FIELD(1, TEXT, criu_join, type),
	FIELD(2, TEXT, criu_join, file),
};
static const struct message join = MESSAGE(criu_join, join_fields);

static const struct message_field options_fields[] = {
	FIELD(1, NUMBER, criu_options, images_fd),
	FIELD(2, NUMBER, criu_options, pid),
	FIELD(3, FLAG, criu_options, leave_running),
	FIELD(4, FLAG, criu_options, ext_unix_sk),
	FIELD(5, FLAG, criu_options, tcp_established),
	FIELD(6, FLAG, criu_options, evasive_devices),
	FIELD(7, FLAG, criu_options, shell_job),
	FIELD(8, FLAG, criu_options, file_locks),
	FIELD(9, NUMBER, criu_options, log_level),
	FIELD(10, TEXT, criu_options, log_file),
	PART(11, PART, criu_options, page_server, &page_server),
	FIELD(12, FLAG, criu_options, notify),
	FIELD(13, TEXT, criu_options, root),
	FIELD(14, TEXT, criu_options, parent),
	FIELD(15, FLAG, criu_options, track_memory),
	FIELD(16, FLAG, criu_options, auto_dedup),
	FIELD(17, NUMBER, criu_options, work_fd),
	FIELD(21, FLAG, criu_options, force_irmap),
	FIELD(24, FLAG, criu_options, manage_cgroups),
	PART(25, PARTS, criu_options, groups, &group),
	FIELD(26, FLAG, criu_options, sibling),
	PART(27, PARTS, criu_options, inherit, &inherit),
	FIELD(30, FLAG, criu_options, ext_masters),
	FIELD(34, ALWAYS, criu_options, cgroups_mode),
	FIELD(37, TEXTS, criu_options, external),
	FIELD(38, NUMBER, criu_options, empty_namespaces),
	PART(39, PARTS, criu_options, joins, &join),
	FIELD(44, TEXT, criu_options, freezer),
	FIELD(50, FLAG, criu_options, orphan_pts_master),
	FIELD(53, TEXT, criu_options, lsm_profile),
	FIELD(60, TEXT, criu_options, cgroup_view),
	FIELD(63, TEXT, criu_options, lsm_mount_context),
	FIELD(65, FLAG, criu_options, compatible_mounts),
};
static const struct message options = MESSAGE(criu_options, options_fields);

static const struct message_field request_fields[] = {
	FIELD(1, ALWAYS, criu_request, type),
	PART(2, PART, criu_request, options, &options),
	FIELD(3, FLAG, criu_request, notified),
};
const struct message criu_request_message = MESSAGE(criu_request, request_fields);

// The parts of a response are members of its structure.
static const struct message_field restored_fields[] = {FIELD(1, ALWAYS, criu_response, restored)};
static const struct message restored = MESSAGE(criu_response, restored_fields);
static const struct message_field notify_fields[] = {
	FIELD(1, TEXT, criu_response, notify.script),
	FIELD(2, NUMBER, criu_response, notify.pid),
};
static const struct message notify = MESSAGE(criu_response, notify_fields);
static const struct message_field response_fields[] = {
	FIELD(1, ALWAYS, criu_response, type),
	FIELD(2, FLAG, criu_response, success),
	{4, MESSAGE_PART, 0, &restored},
	{5, MESSAGE_PART, 0, &notify},
	FIELD(7, NUMBER, criu_response, error),
	FIELD(9, TEXT, criu_response, message),
};
const struct message criu_response_message = MESSAGE(criu_response, response_fields);

void *message_add(struct message_list *list, size_t size)
{
	list->items = mem_resize(list->items, list->count + 1, size);
	return memset((char *)list->items + list->count++ * size, 0, size);
}

static void write_varint(struct str *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		str_add_char(out, (char)(value | 0x80));
	str_add_char(out, (char)value);
}

static void write_number(struct str *out, uint32_t number, int64_t value)
{
	write_varint(out, number << 3 | WIRE_VARINT);
	write_varint(out, (uint64_t)value); // a negative number takes ten bytes in this encoding
}

static void write_bytes(struct str *out, uint32_t number, const char *bytes, size_t n)
{
	write_varint(out, number << 3 | WIRE_LENGTH);
	write_varint(out, n);
	str_add_bytes(out, bytes, n);
}

static void write_part(struct str *out, const struct message_field *f, const void *value)
{
	auto_str inner = {0};

	message_write(&inner, f->of, value);
	write_bytes(out, f->number, str_text(&inner), inner.length);
}

static bool is_empty(const void *value, size_t size)
{
	const char *bytes = value;

	return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static void write_field(struct str *out, const struct message_field *f, const void *at)
{
	const struct message_list *list = at;
	const struct strv *texts = at;
	const char *text;

	switch (f->kind) {
	case MESSAGE_FLAG:
		if (*(const bool *)at)
			write_number(out, f->number, 1);
		break;
	case MESSAGE_NUMBER:
	case MESSAGE_ALWAYS:
		if (*(const int32_t *)at || f->kind == MESSAGE_ALWAYS)
			write_number(out, f->number, *(const int32_t *)at);
		break;
	case MESSAGE_TEXT:
		if ((text = *(char *const *)at))
			write_bytes(out, f->number, text, strlen(text));
		break;
	case MESSAGE_TEXTS:
		for (size_t i = 0; i < texts->count; i++)
			write_bytes(out, f->number, texts->items[i], strlen(texts->items[i]));
		break;
	case MESSAGE_PART:
		if (!is_empty(at, f->of->size))
			write_part(out, f, at);
		break;
	case MESSAGE_PARTS:
		for (size_t i = 0; i < list->count; i++)
			write_part(out, f, (const char *)list->items + i * f->of->size);
		break;
	}
}

void message_write(struct str *out, const struct message *m, const void *value)
{
	for (size_t i = 0; i < m->count; i++)
		write_field(out, &m->fields[i], (const char *)value + m->fields[i].at);
}

struct input {
	const unsigned char *at, *end;
};

static int read_varint(struct input *in, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (in->at == in->end)
			return -EBADMSG;
		*value |= (uint64_t)(*in->at & 0x7f) << shift;
		if (!(*in->at++ & 0x80))
			return 0;
	}
	return -EBADMSG;
}

// The next N bytes as a separate input.
static int read_bytes(struct input *in, uint64_t n, struct input *bytes)
{
	if (n > (uint64_t)(in->end - in->at))
		return -EBADMSG;
	*bytes = (struct input){in->at, in->at + n};
	in->at += n;
	return 0;
}

static const struct message_field *find_field(const struct message *m, uint64_t number)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->fields[i].number == number)
			return &m->fields[i];
	return NULL;
}

static bool is_number(const struct message_field *f)
{
	return f->kind == MESSAGE_FLAG || f->kind == MESSAGE_NUMBER || f->kind == MESSAGE_ALWAYS;
}

static void set_number(const struct message_field *f, void *at, uint64_t value)
{
	if (f->kind == MESSAGE_FLAG)
		*(bool *)at = value != 0;
	else
		*(int32_t *)at = (int32_t)(uint32_t)value;
}

// A string ends at its first NUL byte, like in C.
static char *text_of(const struct input *bytes)
{
	return mem_strndup((const char *)bytes->at, (size_t)(bytes->end - bytes->at));
}

static int set_bytes(const struct message_field *f, void *at, const struct input *bytes)
{
	size_t n = (size_t)(bytes->end - bytes->at);

	switch (f->kind) {
	case MESSAGE_TEXT:
		free(*(char **)at);
		*(char **)at = text_of(bytes);
		return 0;
	case MESSAGE_TEXTS:
		strv_take(at, text_of(bytes));
		return 0;
	case MESSAGE_PART:
		return message_read(f->of, at, bytes->at, n);
	case MESSAGE_PARTS:
		return message_read(f->of, message_add(at, f->of->size), bytes->at, n);
	default:
		return -EBADMSG;
	}
}

// One field of M, or an unknown one, whose length follows from its wire type.
static int read_field(const struct message *m, void *value, struct input *in)
{
	struct input bytes;
	uint64_t key, number;
	int r = read_varint(in, &key);
	const struct message_field *f = r == 0 ? find_field(m, key >> 3) : NULL;

	if (r < 0 || key >> 3 == 0)
		return -EBADMSG;
	switch (key & 7) {
	case WIRE_VARINT:
		r = read_varint(in, &number);
		if (r == 0 && f && !is_number(f))
			r = -EBADMSG;
		if (r == 0 && f)
			set_number(f, (char *)value + f->at, number);
		return r;
	case WIRE_LENGTH:
		r = read_varint(in, &number);
		if (r == 0)
			r = read_bytes(in, number, &bytes);
		return r == 0 && f ? set_bytes(f, (char *)value + f->at, &bytes) : r;
	case WIRE_FIXED64:
		return f ? -EBADMSG : read_bytes(in, 8, &bytes);
	case WIRE_FIXED32:
		return f ? -EBADMSG : read_bytes(in, 4, &bytes);
	default:
		return -EBADMSG;
	}
}

int message_read(const struct message *m, void *value, const void *data, size_t n)
{
	struct input in = {data, (const unsigned char *)data + n};
	int r = 0;

	while (r == 0 && in.at < in.end)
		r = read_field(m, value, &in);
	return r;
}

static void free_field(const struct message_field *f, void *at)
{
	struct message_list *list = at;

	if (f->kind == MESSAGE_TEXT) {
		free(*(char **)at);
	} else if (f->kind == MESSAGE_TEXTS) {
		strv_done(at);
	} else if (f->kind == MESSAGE_PART) {
		for (size_t i = 0; i < f->of->count; i++)
			free_field(&f->of->fields[i], (char *)at + f->of->fields[i].at);
	} else if (f->kind == MESSAGE_PARTS) {
		for (size_t i = 0; i < list->count; i++)
			message_done(f->of, (char *)list->items + i * f->of->size);
		free(list->items);
	}
}

void message_done(const struct message *m, void *value)
{
	for (size_t i = 0; i < m->count; i++)
		free_field(&m->fields[i], (char *)value + m->fields[i].at);
	memset(value, 0, m->size);
}
