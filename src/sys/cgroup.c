// The reader for the figures of a control group: see sys/cgroup.h.
#include "sys/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

typedef void parse_file(const char *text, struct cgroup_figures *f);

// --- the contents of the files ---

static uint64_t one_number(const char *text)
{
	uint64_t value = strtoull(text, NULL, 10);

	// "max" means no limit; v1 reports the largest multiple of a page instead
	return strncmp(text, "max", 3) == 0 || value >= INT64_MAX / 4096 * 4096 ? CGROUP_MISSING : value;
}

#define ONE_NUMBER(FIELD)                                                      \
	static void parse_##FIELD(const char *text, struct cgroup_figures *f) \
	{                                                                      \
		f->FIELD = one_number(text);                                       \
	}
ONE_NUMBER(cpu_ns)
ONE_NUMBER(memory_limit)
ONE_NUMBER(swap)
ONE_NUMBER(pids)
ONE_NUMBER(pids_limit)

static void parse_v1_kernel_memory(const char *text, struct cgroup_figures *f)
{
	uint64_t kernel = one_number(text);

	if (kernel != CGROUP_MISSING && f->memory != CGROUP_MISSING)
		f->memory += kernel;
}

static void parse_v1_bytes(const char *text, struct cgroup_figures *f)
{
	cgroup_parse_v1_blkio(text, &f->read_bytes, &f->write_bytes);
}

static void parse_v1_ops(const char *text, struct cgroup_figures *f)
{
	cgroup_parse_v1_blkio(text, &f->read_ops, &f->write_ops);
}

// memory.events (v2) and memory.oom_control (v1) both have a line "oom_kill N"
static void parse_oom(const char *text, struct cgroup_figures *f)
{
	const char *line = strstr(text, "oom_kill ");

	if (line)
		f->oom_kills = strtoull(line + strlen("oom_kill "), NULL, 10);
}

#define PRESSURE(FIELD)                                                        \
	static void parse_##FIELD(const char *text, struct cgroup_figures *f) \
	{                                                                      \
		f->FIELD = cgroup_parse_pressure(text);                            \
	}
PRESSURE(psi_cpu)
PRESSURE(psi_memory)
PRESSURE(psi_io)

// --- the files ---

struct file {
	unsigned part;
	enum cgroup_controller controller;
	const char *name;
	parse_file *parse;
	unsigned every; // readings between two reads of a file that seldom changes; 0: read each time
	bool rests;     // does not change while the group uses no CPU time, but for what the kernel reclaims
};

enum { SELDOM = 10, RESTS_MAX = 5 };

static const struct file v2_files[] = {
	{.part = CGROUP_READ_CPU | CGROUP_READ_THROTTLED, .controller = CGROUP_CPU, .name = "cpu.stat",
	 .parse = cgroup_parse_cpu_stat},
	{.part = CGROUP_READ_MEMORY | CGROUP_READ_CACHE, .controller = CGROUP_MEMORY, .name = "memory.stat",
	 .parse = cgroup_parse_memory_stat, .rests = true},
	{.part = CGROUP_READ_SWAP, .controller = CGROUP_MEMORY, .name = "memory.swap.current", .parse = parse_swap},
	{.part = CGROUP_READ_MEMORY_LIMIT, .controller = CGROUP_MEMORY, .name = "memory.max",
	 .parse = parse_memory_limit, .every = SELDOM},
	{.part = CGROUP_READ_OOM_KILLS, .controller = CGROUP_MEMORY, .name = "memory.events", .parse = parse_oom},
	{.part = CGROUP_READ_IO_BYTES | CGROUP_READ_IO_OPS, .controller = CGROUP_BLKIO, .name = "io.stat",
	 .parse = cgroup_parse_io_stat},
	{.part = CGROUP_READ_PIDS, .controller = CGROUP_PIDS, .name = "pids.current", .parse = parse_pids},
	{.part = CGROUP_READ_PIDS_LIMIT, .controller = CGROUP_PIDS, .name = "pids.max", .parse = parse_pids_limit,
	 .every = SELDOM},
	{.part = CGROUP_READ_PSI_CPU, .controller = CGROUP_CPU, .name = "cpu.pressure", .parse = parse_psi_cpu},
	{.part = CGROUP_READ_PSI_MEMORY, .controller = CGROUP_MEMORY, .name = "memory.pressure",
	 .parse = parse_psi_memory},
	{.part = CGROUP_READ_PSI_IO, .controller = CGROUP_BLKIO, .name = "io.pressure", .parse = parse_psi_io},
};

static const struct file v1_files[] = {
	{.part = CGROUP_READ_CPU, .controller = CGROUP_CPUACCT, .name = "cpuacct.usage", .parse = parse_cpu_ns},
	{.part = CGROUP_READ_THROTTLED, .controller = CGROUP_CPU, .name = "cpu.stat", .parse = cgroup_parse_v1_cpu_stat},
	{.part = CGROUP_READ_MEMORY | CGROUP_READ_CACHE | CGROUP_READ_SWAP, .controller = CGROUP_MEMORY,
	 .name = "memory.stat", .parse = cgroup_parse_v1_memory_stat, .rests = true},
	{.part = CGROUP_READ_MEMORY, .controller = CGROUP_MEMORY, .name = "memory.kmem.usage_in_bytes",
	 .parse = parse_v1_kernel_memory, .rests = true},
	{.part = CGROUP_READ_MEMORY_LIMIT, .controller = CGROUP_MEMORY, .name = "memory.limit_in_bytes",
	 .parse = parse_memory_limit, .every = SELDOM},
	{.part = CGROUP_READ_OOM_KILLS, .controller = CGROUP_MEMORY, .name = "memory.oom_control", .parse = parse_oom},
	{.part = CGROUP_READ_IO_BYTES, .controller = CGROUP_BLKIO, .name = "blkio.throttle.io_service_bytes_recursive",
	 .parse = parse_v1_bytes},
	{.part = CGROUP_READ_IO_OPS, .controller = CGROUP_BLKIO, .name = "blkio.throttle.io_serviced_recursive",
	 .parse = parse_v1_ops},
	{.part = CGROUP_READ_PIDS, .controller = CGROUP_PIDS, .name = "pids.current", .parse = parse_pids},
	{.part = CGROUP_READ_PIDS_LIMIT, .controller = CGROUP_PIDS, .name = "pids.max", .parse = parse_pids_limit,
	 .every = SELDOM},
};

enum { FILES_MAX = ARRAY_SIZE(v2_files) > ARRAY_SIZE(v1_files) ? ARRAY_SIZE(v2_files) : ARRAY_SIZE(v1_files) };

enum { UNOPENED = -2 };

struct cgroup_reader {
	const struct file *files;
	const struct cgroup_layout *layout;
	char *group;
	size_t count;
	uint64_t memory_limit, pids_limit; // of the last look that read them
	int fds[FILES_MAX];
	unsigned looks[FILES_MAX];
	struct cgroup_figures last;
	unsigned last_parts;
	unsigned rests; // looks in a row at which the files that rest were not read
	unsigned early; // looks by which the first rest is shorter, so that not all groups are read at the same look
};

static const struct cgroup_figures nothing = {
	.cpu_ns = CGROUP_MISSING, .throttled_ns = CGROUP_MISSING, .memory = CGROUP_MISSING,
	.memory_shared = CGROUP_MISSING, .memory_cache = CGROUP_MISSING, .memory_limit = CGROUP_MISSING,
	.swap = CGROUP_MISSING, .read_bytes = CGROUP_MISSING, .write_bytes = CGROUP_MISSING, .read_ops = CGROUP_MISSING,
	.write_ops = CGROUP_MISSING, .pids = CGROUP_MISSING, .pids_limit = CGROUP_MISSING, .oom_kills = CGROUP_MISSING,
	.psi_cpu = NAN, .psi_memory = NAN, .psi_io = NAN,
};

static struct cgroup_reader *reader_new(const struct cgroup_layout *layout, const char *group)
{
	struct cgroup_reader *reader = mem_new(sizeof(*reader));
	bool v2 = layout->mode == CGROUP_V2;

	reader->layout = layout;
	reader->group = mem_strdup(group);
	reader->files = v2 ? v2_files : v1_files;
	reader->count = v2 ? ARRAY_SIZE(v2_files) : ARRAY_SIZE(v1_files);
	reader->memory_limit = reader->pids_limit = CGROUP_MISSING;
	reader->last = nothing;
	reader->early = group ? str_hash(group) % (RESTS_MAX + 1) : 0;
	for (size_t i = 0; i < FILES_MAX; i++)
		reader->fds[i] = UNOPENED;
	return reader;
}

// A process in the root of this hierarchy has no figures of its own there: they are those of the host.
static int open_file(struct cgroup_reader *reader, size_t i)
{
	const struct file *file = &reader->files[i];
	auto_free char *directory = cgroup_directory(reader->layout, file->controller, reader->group);
	auto_free char *path = directory ? mem_printf("%s/%s", directory, file->name) : NULL;

	return path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

// The descriptor of file I, -1 = there is none.
static int file_of(struct cgroup_reader *reader, size_t i)
{
	if (reader->fds[i] == UNOPENED)
		reader->fds[i] = open_file(reader, i);
	return reader->fds[i];
}

int cgroup_reader_open_group(struct cgroup_reader **out, const struct cgroup_layout *layout, const char *group,
                             unsigned parts, struct err *e)
{
	struct cgroup_reader *reader = reader_new(layout, group);
	bool any = false;

	for (size_t i = 0; group && !str_equal(group, "/") && !any && i < reader->count; i++)
		any = reader->files[i].part & parts && file_of(reader, i) >= 0;
	*out = any ? reader : NULL;
	if (any)
		return 0;
	cgroup_reader_free(reader);
	return err_msg(e, ENOENT, "'%s' is not in a control group of its own", group ? group : "");
}

// Whether the group used no CPU time since the last look, which read its memory, too. Its processes have changed
// nothing then, and the kernel need not format the forty lines of memory.stat, the most expensive file. What it
// reclaims itself from an idle group is seen after RESTS_MAX looks.
static bool is_idle(const struct cgroup_reader *reader, unsigned parts, const struct cgroup_figures *now)
{
	static const unsigned memory = CGROUP_READ_MEMORY | CGROUP_READ_CACHE | CGROUP_READ_SWAP;

	return reader->rests < RESTS_MAX && (parts & memory) == (reader->last_parts & memory) &&
	       now->cpu_ns != CGROUP_MISSING && now->cpu_ns == reader->last.cpu_ns;
}

static void keep_memory(struct cgroup_figures *now, const struct cgroup_figures *last)
{
	now->memory = last->memory;
	now->memory_shared = last->memory_shared;
	now->memory_cache = last->memory_cache;
	now->swap = last->swap;
}

int cgroup_reader_read(struct cgroup_reader *reader, unsigned parts, struct cgroup_figures *figures)
{
	char text[16384];
	bool idle = false;

	*figures = nothing;
	figures->memory_limit = parts & CGROUP_READ_MEMORY_LIMIT ? reader->memory_limit : CGROUP_MISSING;
	figures->pids_limit = parts & CGROUP_READ_PIDS_LIMIT ? reader->pids_limit : CGROUP_MISSING;
	for (size_t i = 0; i < reader->count; i++) {
		const struct file *file = &reader->files[i];
		int fd = file->part & parts ? file_of(reader, i) : -1;
		if (fd < 0 || (file->every && reader->looks[i]++ % file->every))
			continue;
		if (file->rests && (idle = is_idle(reader, parts, figures))) {
			keep_memory(figures, &reader->last);
			continue;
		}
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
		if (n < 0 && errno == ENODEV)
			return -ENODEV;
		if (n < 0)
			continue;
		text[n] = '\0';
		file->parse(text, figures);
	}
	if (parts & CGROUP_READ_MEMORY_LIMIT)
		reader->memory_limit = figures->memory_limit;
	if (parts & CGROUP_READ_PIDS_LIMIT)
		reader->pids_limit = figures->pids_limit;
	reader->rests = idle ? reader->rests + 1 : reader->rests == RESTS_MAX ? 0 : reader->early;
	reader->last = *figures;
	reader->last_parts = parts;
	return 0;
}

void cgroup_reader_free(struct cgroup_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->count; i++)
		if (reader->fds[i] >= 0)
			close(reader->fds[i]);
	free(reader->group);
	free(reader);
}
