// What people and files write: configuration, themes, filters; lines of a log; frames of an attached terminal. The
// first byte chooses.
#include "base/conf.h"
#include "container/monitor/attach.h"
#include "container/store/log.h"
#include "fuzz.h"
#include "model/query.h"
#include "model/workload.h"
#include "ui/theme.h"

static int accept_pair(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	size_t *bytes = context;

	(void)e;
	*bytes += strlen(section) + strlen(name) + strlen(value);
	return 0;
}

static void conf(const char *text, size_t n)
{
	struct err e = {0};
	size_t bytes = 0;
	int r = conf_read_text("conf", text, accept_pair, &bytes, &e);

	(void)n;
	FUZZ_ERROR_IS_TOLD(r, e);
}

static void theme(const char *text, size_t n)
{
	static struct theme t;
	struct err e = {0};

	(void)n;
	theme_default(&t);
	int r = theme_read_text(&t, "theme", text, &e);
	FUZZ_ERROR_IS_TOLD(r, e);
	for (int depth = DEPTH_NONE; depth <= DEPTH_RGB; depth++)
		theme_style(&t, (struct pen){0}, (enum depth)depth);
}

static void query(const char *text, size_t n)
{
	struct workload w = {0};
	struct query *q = NULL;
	struct err e = {0};

	(void)n;
	w.id = (char[]){"local/fake/1"};
	w.name = (char[]){"web"};
	int r = query_new(&q, text, &e);
	FUZZ_ERROR_IS_TOLD(r, e);
	if (r == 0)
		query_matches(q, &(struct fact_source){&w.item, NULL, NULL, 1});
	query_free(q);
}

static void log_line(const char *text, size_t n)
{
	struct log_record record;

	if (log_parse(text, n, &record) == 0 &&
	    (record.text < text || record.text + record.length > text + n || record.stamp_length < 0))
		abort();
}

static void frames(const char *text, size_t n)
{
	struct attach_frame frame;
	int taken;

	for (size_t at = 0; at < n; at += (size_t)taken) {
		taken = attach_parse((const unsigned char *)text + at, n - at, &frame);
		if (taken <= 0)
			break;
		if ((size_t)taken > n - at || frame.size > ATTACH_PAYLOAD_MAX ||
		    frame.payload + frame.size > (const unsigned char *)text + n)
			abort();
	}
}

static void (*const readers[])(const char *, size_t) = {conf, theme, query, log_line, frames};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	auto_free char *text = fuzz_text(data + 1, size - 1);
	readers[data[0] % ARRAY_SIZE(readers)](text, size - 1);
	return 0;
}
