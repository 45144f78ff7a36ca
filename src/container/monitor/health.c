// The health of the container in its state and its journal: see monitor.h.
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/bundle/bundle.h"
#include "monitor.h"

enum { OUTPUT_MOST = 200 }; // bytes of the line that is shown

static struct probe_call call_of(const struct monitor *m)
{
	return (struct probe_call){m->program, m->runtime, record_id(&m->record), m->dir};
}

static void set_text(char **text, const char *value)
{
	free(*text);
	*text = mem_strdup(value);
}

void monitor_begin_health(struct monitor *m)
{
	struct health_plan plan;
	struct err ignored; // it was checked when the container was created

	if (health_plan_read(&plan, &m->record, &ignored) < 0 || !plan.command.count) {
		health_plan_done(&plan);
		return;
	}
	m->probe = probe_new(&plan, clock_mono());
	set_text(&m->state.health, health_name(HEALTH_STARTING));
	monitor_write_state(m);
}

void monitor_end_health(struct monitor *m)
{
	const struct probe_call call = call_of(m);

	probe_free(m->probe, &call);
	m->probe = NULL;
	set_text(&m->state.health, NULL);
	set_text(&m->state.health_output, NULL);
}

void monitor_wait_health(struct monitor *m, int64_t now, int *timeout)
{
	if (m->probe)
		probe_shorten(m->probe, now, timeout);
}

// The last line of TEXT, made visible. Owned, NULL if there is none.
static char *last_line(const char *text)
{
	size_t end = strlen(text);

	while (end && strchr("\r\n", text[end - 1]))
		end--;
	size_t begin = end;
	while (begin && text[begin - 1] != '\n' && end - begin < OUTPUT_MOST)
		begin--;
	auto_free char *line = mem_strndup(text + begin, end - begin);
	return *line ? str_visible(line) : NULL;
}

// Only what has changed is written.
static void show_health(struct monitor *m, const char *output)
{
	const char *health = health_name(m->probe->count.health);
	bool changed = !str_equal(m->state.health, health);

	if (!changed && str_equal(m->state.health_output, output))
		return;
	set_text(&m->state.health, health);
	set_text(&m->state.health_output, output);
	monitor_write_state(m);
	if (changed)
		monitor_note(m, JOURNAL_HEALTH, -1, health);
}

static void show_result(struct monitor *m, bool good)
{
	auto_free char *output = good ? NULL : last_line(str_text(&m->probe->text));

	show_health(m, output);
}

void monitor_serve_health(struct monitor *m, int64_t now)
{
	const struct probe_call call = call_of(m);
	bool due = m->probe && !m->probe->pid && now >= m->probe->due;

	if (!m->probe || m->ended)
		return;
	probe_serve(m->probe, &call, due && bundle_is_frozen(&m->layout, record_id(&m->record), m->state.pid), now);
	if (due && !m->probe->pid && m->probe->text.length) // it could not be started
		show_result(m, false);
}

void monitor_count_health(struct monitor *m, pid_t pid, int status)
{
	if (m->probe && probe_ended(m->probe, pid, status, clock_mono()))
		show_result(m, m->probe->count.failures == 0 && m->probe->count.health == HEALTH_HEALTHY);
}
