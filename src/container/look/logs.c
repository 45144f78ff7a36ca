// Copies the log of a container to this process's descriptors 1 and 2.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "container/containers.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "container/state/view_monitor.h"
#include "container/store/log.h"
#include "container/store/store.h"
#include "sys/write.h"
#include "when.h"

enum { FLUSH_BYTES = 64 * 1024 };

// The output format: JSON lines; escaped for a terminal (VISIBLE).
struct log_output {
	const char *name; // the container's
	bool timestamps, json, visible;
	bool inside[2];  // stdout, stderr are within a line
	int64_t until;   // wall-clock ns: skip newer records; 0: none is too new
	bool filters;    // only lines that match PATTERN
	regex_t pattern;
	struct str text;
	int result;
	struct err err;
};

static void flush_output(struct log_output *o)
{
	if (o->result == 0 && o->text.length)
		o->result = write_output(STDOUT_FILENO, o->text.text, o->text.length, &o->err);
	str_clear(&o->text);
}

// JSON requires UTF-8: other bytes are escaped.
static json_t *json_text(const char *text, size_t n)
{
	json_t *value = json_stringn(text, n);
	auto_str visible = {0};

	if (value)
		return value;
	str_add_visible(&visible, text, n);
	return json_string(str_text(&visible));
}

static void add_json(struct log_output *o, const struct log_record *r)
{
	json_t *object = json_pack("{s:s%, s:s%, s:o}", "time", r->stamp, (size_t)r->stamp_length, "stream", r->stream,
	                           strcspn(r->stream, " "), "text", json_text(r->text, r->length));
	if (!r->whole)
		json_object_set_new(object, "partial", json_true());
	auto_free char *line = json_dumps(object, JSON_COMPACT);

	str_add_json(&o->text, line ? line : "{}");
	str_add_char(&o->text, '\n');
	json_decref(object);
}

static bool is_wanted(const struct log_output *o, const struct log_record *r)
{
	auto_free char *line = o->filters ? mem_strndup(r->text, r->length) : NULL;

	return (!o->until || r->time <= o->until) && (!line || regexec(&o->pattern, line, 0, NULL, 0) == 0);
}

static void add_record(void *context, const struct log_record *r)
{
	struct log_output *o = context;
	bool error = str_starts(r->stream, "stderr");

	if (!is_wanted(o, r))
		return;
	if (o->json) {
		add_json(o, r);
		return;
	}
	if (o->timestamps && !o->inside[error])
		str_addf(&o->text, "%.*s ", r->stamp_length, r->stamp);
	if (o->visible)
		str_add_log(&o->text, r->text, r->length);
	else
		str_add_bytes(&o->text, r->text, r->length);
	if (r->whole)
		str_add_char(&o->text, '\n');
	o->inside[error] = !r->whole;
	if (o->text.length >= FLUSH_BYTES)
		flush_output(o);
}

// Missing output is reported on standard error.
static void report_missing(void *context, enum log_missing why, uint64_t bytes)
{
	static const char *const texts[] = {
		[LOG_ROTATED] = "were rotated away before they were read",
		[LOG_NOT_WRITTEN] = "could not be written to the log (is the disk full?)",
	};
	struct log_output *o = context;
	auto_free char *line =
	    mem_printf("hostel: %llu bytes of the output of '%s' %s\n", (unsigned long long)bytes, o->name, texts[why]);

	flush_output(o);
	write_all(STDERR_FILENO, line, strlen(line));
}

static bool has_param(const struct params *p, const char *name)
{
	return p && str_equal(params_get(p, name), "yes");
}

static int read_pattern(struct log_output *o, const char *text, struct err *e)
{
	int r = text ? regcomp(&o->pattern, text, REG_EXTENDED | REG_NOSUB) : 0;
	char why[128];

	o->filters = text && r == 0;
	if (r == 0)
		return 0;
	regerror(r, &o->pattern, why, sizeof(why));
	return err_msg(e, EINVAL, "invalid pattern '%s': %s", text, why);
}

static int init_reader(struct log_reader *r, struct log_output *o, const struct view *v, const struct params *p,
                     struct err *e)
{
	static const struct params none;

	p = p ? p : &none;
	const char *tail = params_get(p, PARAM_TAIL);
	*o = (struct log_output){.name = v->record.name, .timestamps = has_param(p, PARAM_TIMESTAMPS),
	                         .json = has_param(p, PARAM_JSON), .visible = has_param(p, PARAM_VISIBLE)};
	*r = (struct log_reader){
	    .tail = -1, .container_fd = v->dir, .fd = -1, .sink = add_record, .missing = report_missing, .context = o};
	if (tail && (str_to_i64(tail, &r->tail) < 0 || r->tail < 0))
		return err_msg(e, EINVAL, "invalid number of lines '%s'", tail);
	if (when_read(params_get(p, PARAM_SINCE), &r->since, e) < 0 ||
	    when_read(params_get(p, PARAM_UNTIL), &o->until, e) < 0)
		return -e->code;
	return read_pattern(o, params_get(p, PARAM_GREP), e);
}

static int print_new_records(struct log_reader *r, struct err *e)
{
	struct log_output *o = r->context;

	log_reader_next(r);
	flush_output(o);
	if (o->result < 0)
		*e = o->err;
	return o->result;
}

// Follows until the monitor has exited; its last output is read after that.
static int follow_log(struct log_reader *r, const struct view *v, const char *path, struct err *e)
{
	auto_close int events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char ignored[16384];
	int patience = 1000; // ms

	if (events < 0 ||
	    inotify_add_watch(events, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE) < 0)
		patience = 100; // no inotify instance left: poll instead
	for (bool last = false; !last;) {
		const struct log_output *o = r->context;

		last = !store_is_locked(v->dir, "monitor") || (o->until && clock_wall() > o->until);
		int result = print_new_records(r, e);
		if (result < 0 || last)
			return result;
		struct pollfd p[2] = {{events, POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
		if (poll(p, 2, patience) == 0 && view_refuse_stopped(v, e) < 0)
			return -e->code;
		if (p[1].revents & (POLLERR | POLLHUP)) // the reader is gone
			return 0;
		while (read(events, ignored, sizeof(ignored)) > 0)
			;
	}
	return 0;
}

int containers_logs(struct containers *c, const char *name, const struct params *p, struct err *e)
{
	auto_view v = {.dir = -1};
	struct log_reader reader = {.fd = -1};
	struct log_output output = {0};
	auto_free char *path = store_container_path(&c->store, name);
	int r = view_open(&v, c, name, e);

	if (r == 0)
		r = init_reader(&reader, &output, &v, p, e);
	if (r == 0)
		r = print_new_records(&reader, e);
	if (r == 0 && has_param(p, PARAM_FOLLOW))
		r = follow_log(&reader, &v, path, e);
	log_reader_done(&reader);
	str_done(&output.text);
	if (output.filters)
		regfree(&output.pattern);
	return r;
}
