// The protocol between agent and client: see wire/wire.h. No input is trusted.
#include "wire/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/id.h"
#include "model/workload.h"

enum naming wire_naming(int version)
{
	return version < 2 ? NAMES_WIRE_1 : NAMES_NOW;
}

char *wire_id(int version, const char *id)
{
	return version < 2 ? id_without_kind(id) : mem_strdup(id);
}

void wire_reader_done(struct wire_reader *r)
{
	str_done(&r->buffer);
	*r = (struct wire_reader){0};
}

void wire_reader_add(struct wire_reader *r, const char *bytes, size_t n)
{
	if (r->start) { // move the rest to the front before growing
		memmove(r->buffer.text, r->buffer.text + r->start, r->buffer.length - r->start + 1);
		r->buffer.length -= r->start;
		r->scanned -= r->start;
		r->start = 0;
	}
	str_add_bytes(&r->buffer, bytes, n);
}

// Nesting depth of arrays and objects; brackets inside strings do not count.
static int depth_of(const char *line, size_t n)
{
	int depth = 0, deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		char c = line[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			deepest = ++depth > deepest ? depth : deepest;
		else if (!quoted && (c == '}' || c == ']'))
			depth--;
	}
	return deepest;
}

static int parse(const char *line, size_t n, json_t **message, struct err *e)
{
	json_error_t error;

	if (depth_of(line, n) > WIRE_DEPTH_MAX)
		return err_msg(e, EPROTO, "received a line nested deeper than %d", WIRE_DEPTH_MAX);
	json_t *object = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	if (!object)
		return err_msg(e, EPROTO, "received a line that is not JSON: %s", error.text);
	if (!json_is_string(json_object_get(object, "type"))) {
		json_decref(object);
		return err_msg(e, EPROTO, "received a line that is not an object with a type");
	}
	*message = object;
	return 1;
}

int wire_reader_next(struct wire_reader *r, json_t **message, struct err *e)
{
	size_t left = r->buffer.length - r->scanned;
	const char *newline = left ? memchr(r->buffer.text + r->scanned, '\n', left) : NULL;
	size_t end = newline ? (size_t)(newline - r->buffer.text) : r->buffer.length;

	if (end - r->start > WIRE_LINE_MAX)
		return err_msg(e, EPROTO, "received a line longer than %d bytes", WIRE_LINE_MAX);
	if (!newline) {
		r->scanned = end;
		return 0;
	}
	const char *line = r->buffer.text + r->start;
	size_t n = end - r->start;
	r->start = r->scanned = end + 1;
	return parse(line, n, message, e);
}

json_t *wire_message(const char *type)
{
	json_t *object = json_object();

	json_object_set_new(object, "type", json_string(type));
	return object;
}

int wire_add(struct str *out, json_t *message)
{
	char *line = json_dumps(message, JSON_COMPACT);
	size_t n = line ? strlen(line) : WIRE_LINE_MAX + 1;
	int r = n > WIRE_LINE_MAX ? -EMSGSIZE : 0;

	if (r == 0) {
		str_add_bytes(out, line, n);
		str_add_char(out, '\n');
	}
	free(line);
	json_decref(message);
	return r;
}

void wire_add_text(struct str *out, const char *bytes, size_t n, size_t limit)
{
	for (size_t i = 0; i < n && out->length < limit;) {
		uint32_t cp;
		size_t length = str_decode(bytes + i, n - i, &cp);

		if (length && cp)
			str_add_bytes(out, bytes + i, length);
		else
			str_add(out, "\xef\xbf\xbd");
		i += length ? length : 1;
	}
}

json_t *wire_text(const char *bytes, size_t n, bool tail)
{
	auto_str text = {0};
	size_t limit = WIRE_DOCUMENT_MAX - 2; // a replacement is at most two bytes longer than the original

	if (n > limit) {
		bytes += tail ? n - limit : 0;
		n = limit;
	}
	wire_add_text(&text, bytes, n, limit);
	return json_stringn(str_text(&text), text.length);
}

void wire_set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, wire_text(text, strlen(text), false));
}

const char *wire_get_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t wire_get_int(const json_t *object, const char *key, int64_t low, int64_t high, int64_t otherwise)
{
	const json_t *value = json_object_get(object, key);
	int64_t number = json_integer_value(value);

	return json_is_integer(value) && number >= low && number <= high ? number : otherwise;
}

char *wire_cut_text(const json_t *object, const char *key, size_t most)
{
	char *text = mem_strdup(wire_get_text(object, key));

	if (text)
		str_cut(text, most);
	return text;
}

json_t *wire_params(const struct params *p)
{
	json_t *array = json_array();

	for (size_t i = 0; p && i < p->count; i++) {
		json_t *pair = json_array();

		json_array_append_new(pair, wire_text(p->items[i].name, strlen(p->items[i].name), false));
		json_array_append_new(pair, wire_text(p->items[i].value, strlen(p->items[i].value), false));
		json_array_append_new(array, pair);
	}
	return array;
}

int wire_params_read(struct params *p, const json_t *array, struct err *e)
{
	size_t index, bytes = 0;
	json_t *pair;

	if (array && !json_is_array(array))
		return err_msg(e, EPROTO, "invalid 'params': not an array");
	json_array_foreach (array, index, pair) {
		const char *name = json_string_value(json_array_get(pair, 0)),
		           *value = json_string_value(json_array_get(pair, 1));

		if (!name || !value)
			return err_msg(e, EPROTO, "invalid 'params': an entry is not [name, value]");
		bytes += strlen(name) + strlen(value) + 2 * sizeof(char *);
		if (bytes > WIRE_PARAMS_BYTES_MAX)
			return err_msg(e, E2BIG, "the parameters exceed %d bytes, the limit of a request",
			               WIRE_PARAMS_BYTES_MAX);
		params_add(p, name, value);
	}
	return 0;
}

json_t *wire_error(const struct err *e)
{
	json_t *object = json_object();

	json_object_set_new(object, "code", json_integer(e->code));
	wire_set_text(object, "text", e->text);
	if (e->status)
		json_object_set_new(object, "status", json_integer(e->status));
	return object;
}

void wire_error_read(struct err *e, const json_t *object)
{
	const char *text = wire_get_text(object, "text");

	err_msg(e, (int)wire_get_int(object, "code", 1, 4095, EIO), "%s",
	        text ? text : "the agent reported an unspecified error");
	e->status = (int)wire_get_int(object, "status", 126, 127, 0);
}

// The figures of a host and their names on the wire. NAN is left out.
static const struct {
	const char *name;
	enum { HOST_COUNT, HOST_BYTES, HOST_NUMBER } type;
	size_t at;
} host_fields[] = {
	{"wall", HOST_BYTES, offsetof(struct proc_host, wall)},
	{"cpus", HOST_COUNT, offsetof(struct proc_host, cpus)},
	{"busy", HOST_BYTES, offsetof(struct proc_host, busy_ns)},
	{"steal", HOST_BYTES, offsetof(struct proc_host, steal_ns)},
	{"guest", HOST_BYTES, offsetof(struct proc_host, guest_ns)},
	{"memory-total", HOST_BYTES, offsetof(struct proc_host, memory_total)},
	{"memory-available", HOST_BYTES, offsetof(struct proc_host, memory_available)},
	{"memory-free", HOST_BYTES, offsetof(struct proc_host, memory_free)},
	{"swap-total", HOST_BYTES, offsetof(struct proc_host, swap_total)},
	{"swap-free", HOST_BYTES, offsetof(struct proc_host, swap_free)},
	{"up", HOST_BYTES, offsetof(struct proc_host, up_ns)},
	{"load", HOST_NUMBER, offsetof(struct proc_host, load1)},
	{"psi-cpu", HOST_NUMBER, offsetof(struct proc_host, psi_cpu)},
	{"psi-memory", HOST_NUMBER, offsetof(struct proc_host, psi_memory)},
	{"psi-io", HOST_NUMBER, offsetof(struct proc_host, psi_io)},
	{"net-rx", HOST_BYTES, offsetof(struct proc_host, net_rx)},
	{"net-tx", HOST_BYTES, offsetof(struct proc_host, net_tx)},
	{"disk-read", HOST_BYTES, offsetof(struct proc_host, disk_read)},
	{"disk-write", HOST_BYTES, offsetof(struct proc_host, disk_write)},
};

static json_t *host_value(const struct proc_host *host, size_t i)
{
	const void *at = (const char *)host + host_fields[i].at;

	if (host_fields[i].type == HOST_NUMBER)
		return json_real(*(const double *)at); // NULL for NAN
	if (host_fields[i].type == HOST_COUNT)
		return json_integer(*(const unsigned *)at);
	return json_integer((json_int_t)(*(const uint64_t *)at & INT64_MAX));
}

// Each CPU's time in milliseconds, null for one that is not online.
static json_t *host_cpus(const struct proc_host *host)
{
	json_t *cpus = json_array();

	for (unsigned i = 0; i < host->cpu_count && i < PROC_CPUS_MAX; i++)
		json_array_append_new(cpus, host->cpu_ns[i] == PROC_CPU_OFFLINE
		                                ? json_null()
		                                : json_integer((json_int_t)(host->cpu_ns[i] / MS)));
	return cpus;
}

static void host_cpus_read(const json_t *cpus, struct proc_host *host)
{
	for (size_t i = 0; i < json_array_size(cpus) && i < PROC_CPUS_MAX; i++) {
		const json_t *ms = json_array_get(cpus, i);
		json_int_t value = json_integer_value(ms);
		bool known = json_is_integer(ms) && value >= 0 && value < INT64_MAX / MS;

		host->cpu_ns[i] = known ? (uint64_t)value * MS : PROC_CPU_OFFLINE;
		host->cpu_count = (unsigned)i + 1;
	}
}

json_t *wire_host(int64_t at, const struct proc_host *host)
{
	json_t *message = wire_message("host");

	json_object_set_new(message, "at", json_integer(at));
	for (size_t i = 0; i < ARRAY_SIZE(host_fields); i++) {
		json_t *value = host_value(host, i);

		if (value)
			json_object_set_new(message, host_fields[i].name, value);
	}
	if (host->cpu_count)
		json_object_set_new(message, "cpus-busy", host_cpus(host));
	return message;
}

void wire_host_read(const json_t *message, int64_t *at, struct proc_host *host)
{
	*host = (struct proc_host){0};
	*at = wire_get_int(message, "at", 0, INT64_MAX, 0);
	for (size_t i = 0; i < ARRAY_SIZE(host_fields); i++) {
		void *field = (char *)host + host_fields[i].at;
		const json_t *value = json_object_get(message, host_fields[i].name);

		if (host_fields[i].type == HOST_NUMBER)
			*(double *)field = json_is_number(value) ? json_number_value(value) : NAN;
		else if (host_fields[i].type == HOST_COUNT)
			*(unsigned *)field = (unsigned)wire_get_int(message, host_fields[i].name, 0, 65536, 0);
		else
			*(uint64_t *)field = (uint64_t)wire_get_int(message, host_fields[i].name, 0, INT64_MAX, 0);
	}
	host_cpus_read(json_object_get(message, "cpus-busy"), host);
}

// A tick is written without a JSON tree: ticks are most of the traffic, and contain only numbers and two of our names.
static void add_number(struct str *out, uint64_t value)
{
	char digits[20];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + value % 10);
	while (value /= 10);
	str_add_bytes(out, digits + n, sizeof(digits) - n);
}

// A metric has the name of the fact that shows it.
static const char *column_name(enum metric m, enum naming naming)
{
	for (enum fact fact = 0; fact < FACTS && naming == NAMES_NOW; fact++)
		if (workload_facts[fact].type == FIELD_METRIC && workload_facts[fact].metric == m)
			return fact_info(fact)->name;
	return metric_info(m)->name;
}

static void add_column(struct str *out, enum metric m, const struct sample_row *rows, size_t count, enum naming naming)
{
	uint32_t any = 0;

	for (size_t i = 0; i < count; i++)
		any |= rows[i].sample.have;
	if (!(any >> m & 1))
		return;
	str_addf(out, ",\"%s\":[", column_name(m, naming));
	for (size_t i = 0; i < count; i++) {
		if (i)
			str_add_char(out, ',');
		if (sample_has(&rows[i].sample, m) && rows[i].sample.value[m] <= INT64_MAX)
			add_number(out, rows[i].sample.value[m]);
		else
			str_add(out, "null");
	}
	str_add_char(out, ']');
}

static void add_times(struct str *out, const struct sample_row *rows, size_t count)
{
	bool same = true;

	for (size_t i = 1; i < count; i++)
		same &= rows[i].sample.at == rows[0].sample.at;
	if (same) {
		str_addf(out, ",\"at\":%" PRId64, count ? rows[0].sample.at : 0);
		return;
	}
	for (size_t i = 0; i < count; i++)
		str_addf(out, "%s%" PRId64, i ? "," : ",\"at\":[", rows[i].sample.at);
	str_add_char(out, ']');
}

void wire_add_tick(struct str *out, const char *engine, size_t group, const struct sample_row *rows, size_t count,
                   enum naming naming)
{
	str_addf(out, "{\"type\":\"tick\",\"engine\":\"%s\",\"group\":%zu", engine, group);
	add_times(out, rows, count);
	for (enum metric m = 0; m < METRICS; m++)
		add_column(out, m, rows, count, naming);
	str_add(out, "}\n");
}

static int read_column(const json_t *array, enum metric m, struct sample *samples, size_t count, struct err *e)
{
	if (!json_is_array(array) || json_array_size(array) != count)
		return err_msg(e, EPROTO, "invalid figures '%s': not an array of %zu numbers", metric_info(m)->name, count);
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_array_get(array, i);

		if (json_is_integer(value) && json_integer_value(value) >= 0)
			sample_set(&samples[i], m, (uint64_t)json_integer_value(value));
		else if (!json_is_null(value))
			return err_msg(e, EPROTO, "invalid figures '%s': an entry is neither a number nor null",
			               metric_info(m)->name);
	}
	return 0;
}

int wire_tick_read(const json_t *message, struct sample *samples, size_t count, enum naming naming, struct err *e)
{
	const json_t *at = json_object_get(message, "at");

	if (!json_is_integer(at) && json_array_size(at) != count)
		return err_msg(e, EPROTO, "invalid 'at' of figures: neither a time nor %zu times", count);
	for (size_t i = 0; i < count; i++)
		samples[i] = (struct sample){.at = json_integer_value(json_is_array(at) ? json_array_get(at, i) : at)};
	for (enum metric m = 0; m < METRICS; m++) {
		const json_t *array = json_object_get(message, column_name(m, naming));
		int r = array ? read_column(array, m, samples, count, e) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}
