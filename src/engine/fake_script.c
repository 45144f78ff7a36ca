// The scripts of the fake engine: see fake_script.h. Everything is a function of the row and the time, and so the same
// in every run.
#include "fake_script.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/units.h"
#include "model/id.h"

#define MIB UINT64_C(1048576)

enum { FAKE_DETAILED = 12 };

static const struct fake_role roles[] = {
	{"web", KIND_CONTAINER, STATE_RUNNING, "oci:nginx:1.27", "nginx -g daemon off;", "app=shop", 12, 8, 30, 118, 512,
	 2, .ports = "8080:80 5353:53/udp 192.0.2.11:443:8443"},
	{"db", KIND_GUEST, STATE_RUNNING, "Debian GNU/Linux 12", NULL, "app=shop", 4, 3, 60, 1960, 2048, 2, .on = 0},
	{"job", KIND_CONTAINER, STATE_PAUSED, "oci:worker:7", "worker --queue mail", "app=mail", 40, 10, 20, 20, 256, 1,
	 .on = 0},
	{"api", KIND_CONTAINER, STATE_EXITED, "oci:api:2024.4", "api --listen :8080", "app=shop", 25, 20, 15, 90, 256, 1,
	 .exit_code = 137, .reason = "OOM"},
	{"old-dos", KIND_GUEST, STATE_OFF, "FreeDOS 1.3", NULL, NULL, 100, 0, 1, 16, 64, 1, .on = 0,
	 .traits = FAKE_CLOSED},
	{"build", KIND_GUEST, STATE_RUNNING, "Fedora Linux 41", NULL, "team=ci", 180, 170, 45, 3100, 8192, 4,
	 .traits = FAKE_STEALS, .graphics = "vnc"},
	{"batch", KIND_CONTAINER, STATE_RUNNING, "host", "render --all", "team=film", 49, 1, 10, 400, 1024, 0.5,
	 .traits = FAKE_CAPPED},
	{"cache", KIND_CONTAINER, STATE_RUNNING, "oci:valkey:8", "valkey-server", "app=shop", 2, 1, 12, 64, 512, 1,
	 .traits = FAKE_GROWS, .ports = "127.0.0.1:6379:6379"},
	{"flap", KIND_CONTAINER, STATE_RUNNING, "dir:/srv/flap", "flap", NULL, 5, 2, 8, 12, 64, 0.25, .on = 30, .off = 10,
	 .exit_code = 1},
	{"slow", KIND_GUEST, STATE_RUNNING, "Windows Server 2022", NULL, "ssh-user=operator", 8, 6, 90, 3900, 4096, 4,
	 .traits = FAKE_SLOW, .graphics = "spice"},
	{"stubborn", KIND_CONTAINER, STATE_RUNNING, "host", "sh -c 'trap \"\" TERM; sleep 1d'", NULL, 0, 0, 1, 1, 32, 0,
	 .traits = FAKE_STUBBORN},
	{"crash", KIND_GUEST, STATE_CRASHED, "Alpine Linux 3.21", NULL, NULL, 10, 5, 10, 100, 256, 1,
	 .reason = "kernel panic"},
	{"mute", KIND_CONTAINER, STATE_RUNNING, "oci:busybox", "httpd -f", NULL, 1, 1, 10, 4, 0, 0, .traits = FAKE_MUTE},
	{"odd", KIND_GUEST, STATE_RUNNING, "\033[31mred\033[0m \xe2\x80\xae" "gpj.exe", NULL, "note=\007bell", 1, 0, 1,
	 128, 256, 1, .on = 0, .traits = FAKE_CLOSED},
};

static const struct fake_role faulty[] = {
	{"eater", KIND_GUEST, STATE_RUNNING, "Debian GNU/Linux 12", NULL, NULL, 790, 5, 20, 900, 2048, 8, .on = 0},
	{"leak", KIND_CONTAINER, STATE_RUNNING, "oci:worker:7", "worker --queue image", NULL, 3, 1, 10, 15600, 16384, 1,
	 .traits = FAKE_GROWS},
	{"full", KIND_CONTAINER, STATE_RUNNING, "oci:valkey:8", "valkey-server", NULL, 2, 1, 12, 64, 512, 1,
	 .trouble = "its store is full: output is not logged"},
	{"halted", KIND_GUEST, STATE_PAUSED, "Debian GNU/Linux 12", NULL, NULL, 20, 5, 10, 700, 1024, 1,
	 .reason = "disk I/O error"},
};
_Static_assert(ARRAY_SIZE(faulty) == FAKE_FAULTS, "each is counted");

static const struct fake_role made[WORKLOAD_KINDS] = {
	[KIND_CONTAINER] = {"made", KIND_CONTAINER, STATE_CREATED, "host", NULL, NULL, 3, 2, 20, 16, 0, 0, .on = 0},
	[KIND_GUEST] = {"made", KIND_GUEST, STATE_OFF, NULL, NULL, NULL, 3, 2, 20, 512, 2048, 2, .on = 0},
};

bool fake_row_runs(const struct fake_row *row)
{
	return row->state == STATE_RUNNING || row->state == STATE_STOPPING;
}

bool fake_row_is_detailed(const struct fake_row *row)
{
	return row->index < FAKE_DETAILED;
}

bool fake_row_exists(const struct fake_row *row)
{
	return fake_row_runs(row) || row->state == STATE_PAUSED;
}

static void fill(struct fake_row *row, const struct fake_role *role, size_t index, int64_t now)
{
	*row = (struct fake_row){.role = role, .index = index, .created = now, .state = role->state, .exit_code = -1};
	row->cpus = role->cpus;
	row->memory_limit = role->limit * MIB;
}

void fake_row_init_made(struct fake_row *row, enum kind kind, size_t index, int64_t now)
{
	fill(row, &made[kind], index, now);
	row->by_hand = true;
}

static void begin_script(struct fake_row *row, const struct fake_role *role, size_t index, size_t number, int64_t now)
{
	int64_t age = (600 + (int64_t)(index * 977 % 86400)) * SECOND;

	fill(row, role, index, now - age);
	row->name = mem_printf("%s-%zu", role->name, number);
	row->image = mem_strdup(role->image);
	row->command = mem_strdup(role->command);
	if (role->label)
		strv_add(&row->labels, role->label);
	row->started = row->run_from = row->created + SECOND;
	row->start_ms = role->kind == KIND_GUEST ? 3600 + (double)(index % 7) * 150 : 8 + (double)(index % 9) / 10;
	if (!fake_row_exists(row)) {
		row->finished = now - 12 * SECOND;
		row->exit_code = role->kind == KIND_GUEST ? -1 : role->exit_code;
	}
	if (row->state == STATE_PAUSED)
		row->finished = now - 60 * SECOND; // paused since then
	if (row->state != STATE_RUNNING)
		row->reason = mem_strdup(role->reason);
	row->autostart = role->kind == KIND_GUEST && index % 2;
	fake_row_update(row, now);
}

void fake_row_init(struct fake_row *row, size_t index, int64_t now)
{
	begin_script(row, &roles[index % ARRAY_SIZE(roles)], index, index / ARRAY_SIZE(roles) + 1, now);
}

void fake_row_init_faulty(struct fake_row *row, size_t index, size_t fault, int64_t now)
{
	begin_script(row, &faulty[fault], index, 1, now);
}

void fake_row_done(struct fake_row *row)
{
	free(row->name);
	free(row->image);
	free(row->command);
	free(row->reason);
	strv_done(&row->labels);
	*row = (struct fake_row){0};
}

static void end(struct fake_row *row, int64_t at, int exit_code, const char *reason)
{
	row->state = STATE_EXITED;
	row->finished = at;
	row->exit_code = exit_code;
	free(row->reason);
	row->reason = mem_strdup(reason);
}

void fake_row_update(struct fake_row *row, int64_t now)
{
	int64_t cycle = (row->role->on + row->role->off) * SECOND;

	if (row->ends && row->ends <= now && fake_row_exists(row)) {
		end(row, row->ends, row->exit_code, NULL);
		row->ends = 0;
	}
	if (row->by_hand || !cycle)
		return;
	int64_t into = (now - row->created) % cycle;
	row->restarts = (int)((now - row->created) / cycle);
	row->started = row->run_from = now - into;
	if (into >= row->role->on * SECOND) {
		end(row, now - into + row->role->on * SECOND, row->role->exit_code, row->role->reason);
		return;
	}
	row->state = STATE_RUNNING;
	row->exit_code = -1;
	row->finished = 0;
	free(row->reason);
	row->reason = NULL;
}

int64_t fake_row_next(const struct fake_row *row, int64_t now)
{
	int64_t cycle = (row->role->on + row->role->off) * SECOND;

	if (row->ends && fake_row_exists(row))
		return row->ends;
	if (row->by_hand || !cycle || row->gone)
		return INT64_MAX;
	int64_t into = (now - row->created) % cycle;
	return now - into + (into < row->role->on * SECOND ? row->role->on * SECOND : cycle);
}

static void begin(struct fake_row *row, int64_t now)
{
	row->started = row->run_from = now;
	row->finished = 0;
	row->exit_code = -1;
	free(row->reason);
	row->reason = NULL;
}

void fake_row_set_state(struct fake_row *row, enum item_state state, int64_t now)
{
	bool existed = fake_row_exists(row);

	row->by_hand = true;
	if (state == STATE_RUNNING && row->state == STATE_PAUSED)
		row->run_from += now - row->finished; // pauses do not count as run time
	else if (state == STATE_RUNNING && !existed)
		begin(row, now);
	if (state == STATE_RUNNING && existed) {
		row->finished = 0;
		free(steal(row->reason));
	}
	else if (state != STATE_RUNNING)
		row->finished = now;
	row->state = state;
}

static char *address_of(const struct fake_row *row)
{
	if (!fake_row_exists(row) || row->role->traits & FAKE_MUTE)
		return NULL;
	return mem_printf("10.%zu.%zu.%zu", row->index / 62500 % 250, row->index / 250 % 250, row->index % 250 + 2);
}

static char *graphics_of(const struct fake_row *row)
{
	const char *kind = row->role->graphics;

	return kind && fake_row_exists(row) ? mem_printf("%s://127.0.0.1:%zu", kind, 5900 + row->index) : mem_strdup(kind);
}

static void set_posture(const struct fake_row *row, struct posture *p)
{
	static const enum barrier of_containers[] = {
	    BARRIER_USER_NS,   BARRIER_PID_NS,  BARRIER_MOUNT_NS,     BARRIER_NET_NS, BARRIER_IPC_NS,  BARRIER_UTS_NS,
	    BARRIER_CGROUP_NS, BARRIER_SECCOMP, BARRIER_NO_NEW_PRIVS, BARRIER_CAPS,   BARRIER_NOT_ROOT};

	if (!fake_row_exists(row))
		return;
	if (row->role->kind == KIND_GUEST) {
		posture_set(p, BARRIER_HARDWARE, row->index % 4 != 3);
		posture_set(p, BARRIER_EMULATED, row->index % 4 == 3);
	}
	for (size_t i = 0; row->role->kind == KIND_CONTAINER && i < ARRAY_SIZE(of_containers); i++)
		posture_set(p, of_containers[i], (row->index + i) % 11 != 0);
	posture_set(p, BARRIER_LIMITS, row->memory_limit > 0);
}

char *fake_row_key(char out[FAKE_KEY], const struct fake_row *row)
{
	snprintf(out, FAKE_KEY, "%zu", row->index + 1);
	return out;
}

// A row that its restart policy has restarted.
static void set_last_exit(const struct fake_row *row, struct workload *w, int64_t wall)
{
	w->last_finished = row->started - row->role->off * SECOND + wall;
	w->last_exit_code = row->role->exit_code;
	w->last_reason = mem_strdup(row->role->reason);
}

void fake_row_workload(const struct fake_row *row, struct workload *w, int64_t wall)
{
	char key[FAKE_KEY];

	*w = (struct workload){
		.kind = row->role->kind,
		.state = row->state,
		.image = mem_strdup(row->image),
		.command = mem_strdup(row->command),
		.created = row->created + wall,
		.started = row->started ? row->started + wall : 0,
		.exit_code = fake_row_exists(row) ? -1 : row->exit_code,
		.reason = mem_strdup(row->reason),
		.trouble = fake_row_runs(row) ? mem_strdup(row->role->trouble) : NULL,
		.cpus = row->cpus,
		.memory_limit = row->memory_limit,
		.addresses = address_of(row),
		.graphics = graphics_of(row),
		.restarts = row->role->kind == KIND_GUEST ? -1 : row->restarts,
		.last_exit_code = -1,
		.autostart = row->autostart,
		.persistent = true,
		.simulated = true,
		.start_ms = row->start_ms,
		.pid = fake_row_exists(row) ? 100000 + (int)(row->index % 1000000) : 0,
	};
	id_fill(&w->item, "fake", fake_row_key(key, row), row->name);
	if (row->finished && !fake_row_exists(row))
		w->finished = row->finished + wall;
	if (fake_row_exists(row) && !row->by_hand && row->role->off && row->restarts)
		set_last_exit(row, w, wall);
	strv_copy(&w->labels, &row->labels);
	if (fake_row_exists(row) && row->role->ports)
		strv_split(&w->ports, row->role->ports, " ");
	set_posture(row, &w->posture);
}

// Seconds its processes have run, excluding pauses.
static double seconds_run(const struct fake_row *row, int64_t now)
{
	int64_t until = row->state == STATE_PAUSED && row->finished ? row->finished : now;

	return until > row->run_from ? (double)(until - row->run_from) / SECOND : 0;
}

// The integral of LEVEL + SWING × sin(…): a monotonic counter whose rate rises and falls.
static double wave_sum(const struct fake_row *row, double level, double swing, double t)
{
	double omega = 2 * M_PI / row->role->period;
	double phase = (double)(row->index % 13);

	return level * t - swing / omega * (cos(omega * t + phase) - cos(phase));
}

static double wave(const struct fake_row *row, double t)
{
	return sin(2 * M_PI / row->role->period * t + (double)(row->index % 13));
}

static uint64_t memory_now(const struct fake_row *row, double t)
{
	double base = (double)(row->role->memory * MIB);

	if (row->role->traits & FAKE_GROWS)
		return (uint64_t)(base + fmod(t, 120) / 120 * ((double)(row->role->limit * MIB) - base) * 0.98);
	return (uint64_t)(base * (1 + 0.02 * wave(row, t)));
}

static void set_counters(const struct fake_row *row, struct sample *s, double t)
{
	const struct {
		enum metric metric;
		double per_second; // at full swing, proportional to its CPU
	} counters[] = {{METRIC_NET_RX, 100e3}, {METRIC_NET_TX, 7e3},  {METRIC_READ, 2e3},
	                {METRIC_WRITE, 350e3},  {METRIC_READ_OPS, 1}, {METRIC_WRITE_OPS, 40}};

	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		double level = counters[i].per_second * (row->role->cpu + 1) / 10;

		sample_set(s, counters[i].metric, (uint64_t)wave_sum(row, level, level * 0.9, t));
	}
}

void fake_row_sample(const struct fake_row *row, struct sample *s, int64_t now)
{
	double t = seconds_run(row, now);
	unsigned traits = row->role->traits;
	uint64_t memory = memory_now(row, t);

	*s = (struct sample){.at = now};
	sample_set(s, METRIC_CPU, (uint64_t)(wave_sum(row, row->role->cpu, row->role->swing, t) / 100 * SECOND));
	sample_set(s, METRIC_PIDS, row->role->kind == KIND_GUEST ? (uint64_t)row->cpus : 1 + row->index % 40);
	if (traits & FAKE_MUTE)
		return;
	sample_set(s, METRIC_MEMORY_HOST, row->role->kind == KIND_GUEST ? memory + 90 * MIB : memory);
	if (!(traits & FAKE_CLOSED)) {
		sample_set(s, METRIC_MEMORY, memory);
		sample_set(s, METRIC_CACHE, memory / 4);
	}
	if (row->memory_limit)
		sample_set(s, METRIC_MEMORY_LIMIT, row->memory_limit);
	sample_set(s, METRIC_SWAP, 0);
	sample_set(s, METRIC_THROTTLED, traits & FAKE_CAPPED ? (uint64_t)(t * 0.3e9) : 0);
	if (row->role->kind == KIND_GUEST)
		sample_set(s, METRIC_STEAL, traits & FAKE_STEALS ? (uint64_t)(t * 0.2e9) : (uint64_t)(t * 0.001e9));
	sample_set(s, METRIC_PSI_CPU, traits & FAKE_CAPPED ? 3300 : 10);
	sample_set(s, METRIC_PSI_MEMORY, traits & FAKE_GROWS ? 450 : 0);
	sample_set(s, METRIC_PSI_IO, 20);
	sample_set(s, METRIC_OOM_KILLS, 0);
	set_counters(row, s, t);
}

static void add_time(struct str *out, int64_t wall)
{
	char date[DATE_TEXT];

	str_addf(out, "%s ", date_utc(date, wall));
}

void fake_row_log(const struct fake_row *row, struct str *out, int64_t from, int64_t to, int64_t wall, bool timestamps)
{
	static const char *const lines[] = {"GET / 200 %lld ms", "GET /health 200 %lld ms", "queue length %lld",
	                                    "warning: retrying in %lld s", "\033[32mok\033[0m step %lld"};

	for (int64_t second = from < 0 ? 0 : from; second < to; second++) {
		size_t pick = (size_t)((uint64_t)second * 2654435761u / 7 + row->index) % ARRAY_SIZE(lines);
		char line[96];

		if (timestamps)
			add_time(out, row->started + wall + second * SECOND);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(line, sizeof(line), lines[pick], (long long)(second % 97));
#pragma GCC diagnostic pop
		str_addf(out, "%s[%lld]: %s\n", row->name, (long long)second, line);
	}
}

static struct fake_program run_echo(const char *const *words, size_t count, struct str *out)
{
	for (size_t i = 1; i < count; i++)
		str_addf(out, "%s%s", i > 1 ? " " : "", words[i]);
	str_add_char(out, '\n');
	return (struct fake_program){0, 0};
}

static struct fake_program run_exit(const char *const *words, size_t count, struct str *out)
{
	uint64_t status = 0;

	(void)out;
	if (count > 1)
		str_to_u64(words[1], &status);
	return (struct fake_program){(int)(status & 255), 0};
}

static struct fake_program run_sleep(const char *const *words, size_t count, struct str *out)
{
	int64_t ns = 0;

	(void)out;
	if (count > 1)
		units_parse_duration(words[1], &ns);
	return (struct fake_program){0, (double)ns / SECOND};
}

static struct fake_program run_true(const char *const *words, size_t count, struct str *out)
{
	(void)words, (void)count, (void)out;
	return (struct fake_program){0, 0};
}

static struct fake_program run_false(const char *const *words, size_t count, struct str *out)
{
	(void)words, (void)count, (void)out;
	return (struct fake_program){1, 0};
}

struct fake_program fake_program_run(const char *const *words, size_t count, struct str *out, bool service)
{
	static const struct {
		const char *name;
		struct fake_program (*run)(const char *const *words, size_t count, struct str *out);
	} programs[] = {
	    {"echo", run_echo}, {"exit", run_exit}, {"sleep", run_sleep}, {"true", run_true}, {"false", run_false}};

	for (size_t i = 0; count && i < ARRAY_SIZE(programs); i++)
		if (strcmp(words[0], programs[i].name) == 0)
			return programs[i].run(words, count, out);
	return service ? (struct fake_program){0, -1} : (struct fake_program){127, 0};
}
