// sys/cgroup: where groups are, from mountinfo of all kinds of hosts, and the kernel's formats.
#include "sys/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"

#include "test.h"

static const char v2[] =
	"22 28 0:20 / /sys rw,nosuid - sysfs sysfs rw\n"
	"30 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
static const char hybrid[] =
	"30 22 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755\n"
	"31 30 0:27 / /sys/fs/cgroup/unified rw,relatime shared:10 - cgroup2 cgroup2 rw\n"
	"32 30 0:28 / /sys/fs/cgroup/systemd rw,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd\n"
	"33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
	"34 30 0:30 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
	"35 30 0:31 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
	"36 30 0:31 / /elsewhere rw,relatime - cgroup cgroup rw,pids\n"; // a second mount: a private view of another program
static const char v1[] = "34 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
static const char nested[] = "34 30 0:30 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
static const char named_only[] =
    "32 30 0:28 / /cg rw - cgroup cgroup rw,name=systemd\n31 30 0:27 / /two rw - cgroup2 none rw\n";
static const char blanks[] = "31 30 0:27 / /a\\040b\\134c rw - cgroup2 none rw\n";
// what an engine may have left: directories named after controllers, and file systems of other kinds
static const char nonsense[] =
    "1\n\nx y z - \n1 2 3:4 / /sys/fs/cgroup/memory rw - tmpfs cgroup rw,memory\n1 2 3 / - cgroup\n";

static void modes(void **state)
{
	static const struct {
		const char *mountinfo;
		enum cgroup_mode mode;
	} rows[] = {{v2, CGROUP_V2},         {hybrid, CGROUP_HYBRID}, {v1, CGROUP_V1},  {nested, CGROUP_V1},
	            {named_only, CGROUP_V2}, {nonsense, CGROUP_NONE}, {"", CGROUP_NONE}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cgroup_layout layout;
		cgroup_layout_parse(&layout, rows[i].mountinfo);
		assert_int_equal(layout.mode, rows[i].mode);
		cgroup_layout_done(&layout);
	}
	cgroup_layout_done(NULL);
}

static void directories(void **state)
{
	static const struct {
		const char *mountinfo;
		enum cgroup_controller controller;
		const char *group, *directory; // NULL: none
	} rows[] = {
		{v2, CGROUP_MEMORY, "/hostel/web", "/sys/fs/cgroup/hostel/web"}, {v2, CGROUP_FREEZER, "/", "/sys/fs/cgroup"},
		{hybrid, CGROUP_CPUACCT, "/hostel/web", "/sys/fs/cgroup/cpu,cpuacct/hostel/web"}, {hybrid, CGROUP_PIDS,
		 "hostel", "/sys/fs/cgroup/pids/hostel"},
		{hybrid, CGROUP_HUGETLB, "/x", "/sys/fs/cgroup/unified/x"}, {v1, CGROUP_CPU, "/x", NULL}, {nested,
		 CGROUP_MEMORY, "/docker/abc/x", "/sys/fs/cgroup/memory/x"},
		{nested, CGROUP_MEMORY, "/docker/abc", "/sys/fs/cgroup/memory"}, {nested, CGROUP_MEMORY, "/docker/abcd",
		 "/sys/fs/cgroup/memory/docker/abcd"},
		{blanks, CGROUP_CPU, "/x", "/a b\\c/x"}, {nonsense, CGROUP_MEMORY, "/x", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cgroup_layout layout;
		cgroup_layout_parse(&layout, rows[i].mountinfo);
		auto_free char *directory = cgroup_directory(&layout, rows[i].controller, rows[i].group);
		if (rows[i].directory)
			assert_string_equal(directory, rows[i].directory);
		else
			assert_null(directory);
		cgroup_layout_done(&layout);
	}
	for (enum cgroup_controller c = 0; c < CGROUP_CONTROLLERS; c++)
		assert_non_null(cgroup_controller_name(c));
}

static struct cgroup_figures unknown(void)
{
	struct cgroup_figures f;

	memset(&f, 0xff, sizeof(f));
	return f;
}

static void formats_of_v2(void **state)
{
	struct cgroup_figures f = unknown();

	cgroup_parse_cpu_stat(
	    "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\nnr_periods 3\nthrottled_usec 250\n", &f);
	assert_int_equal(f.cpu_ns, 1500000000);
	assert_int_equal(f.throttled_ns, 250000);
	cgroup_parse_memory_stat("anon 1000\nfile 500\nkernel 300\nkernel_stack 50\nslab 100\nanon_thp 7\n", &f);
	assert_int_equal(f.memory, 1300); // the kernel's own sum
	assert_int_equal(f.memory_cache, 500);
	f = unknown(); // shared memory is in use, whatever the kernel calls it
	cgroup_parse_memory_stat("anon 1000\nfile 500\nkernel 300\nshmem 200\n", &f);
	assert_int_equal(f.memory, 1500);
	assert_int_equal(f.memory_cache, 300);
	f = unknown();
	// before 5.18
	cgroup_parse_memory_stat("anon 1000\nfile 500\nkernel_stack 50\npagetables 20\npercpu 5\nsock 1\nslab 100\n", &f);
	assert_int_equal(f.memory, 1176);
	cgroup_parse_io_stat(
	    "254:0 rbytes=100 wbytes=200 rios=1 wios=2 dbytes=9 dios=9\n"
	    "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n",
	    &f);
	assert_int_equal(f.read_bytes, 101);
	assert_int_equal(f.write_bytes, 202);
	assert_int_equal(f.read_ops, 4);
	assert_int_equal(f.write_ops, 6);
	f = unknown();
	cgroup_parse_io_stat("", &f); // no device used yet
	assert_int_equal(f.read_bytes, 0);
}

static void formats_of_v1(void **state)
{
	struct cgroup_figures f = unknown();
	uint64_t read, write;

	cgroup_parse_v1_cpu_stat("nr_periods 10\nnr_throttled 5\nthrottled_time 777\n", &f);
	assert_int_equal(f.throttled_ns, 777);
	cgroup_parse_v1_memory_stat(
	    "cache 1\nrss 2\nswap 3\ntotal_cache 10\ntotal_rss 20\ntotal_rss_huge 99\ntotal_swap 30\n", &f);
	assert_int_equal(f.memory_cache, 10);
	assert_int_equal(f.memory, 20);
	assert_int_equal(f.swap, 30);
	f = unknown();
	cgroup_parse_v1_memory_stat("total_cache 10\ntotal_rss 20\ntotal_shmem 4\n", &f);
	assert_int_equal(f.memory, 24);
	assert_int_equal(f.memory_cache, 6);
	cgroup_parse_v1_blkio("8:0 Read 4096\n8:0 Write 100\n8:0 Sync 1\n254:0 Read 4\n254:0 Total 9\nTotal 4200\n", &read,
	                      &write);
	assert_int_equal(read, 4100);
	assert_int_equal(write, 100);
}

static void pressure(void **state)
{
	assert_true(
	    fabs(cgroup_parse_pressure(
	             "some avg10=12.34 avg60=1.00 avg300=0.10 total=5\nfull avg10=99.00 avg60=0 avg300=0 total=0\n") -
	         12.34) < 1e-9);
	assert_true(isnan(cgroup_parse_pressure("")));
	assert_true(isnan(cgroup_parse_pressure("full avg10=1.00")));
}

// No text, however cut, leads a parser astray (the sanitizers watch).
static void formats_cut_anywhere(void **state)
{
	static const char text[] =
	    "usage_usec 18446744073709551615\nanon 99999999999999999999999\n254:0 rbytes=1 wbytes=\nsome avg10=x\n"
	    "8:0 Read\ntotal_rss -5\n\n \n=\n";

	for (size_t n = 0; n <= sizeof(text) - 1; n++) {
		auto_free char *cut = mem_strndup(text, n);
		struct cgroup_figures f = unknown();
		uint64_t read, write;

		cgroup_parse_cpu_stat(cut, &f);
		cgroup_parse_v1_cpu_stat(cut, &f);
		cgroup_parse_memory_stat(cut, &f);
		cgroup_parse_v1_memory_stat(cut, &f);
		cgroup_parse_io_stat(cut, &f);
		cgroup_parse_v1_blkio(cut, &read, &write);
		cgroup_parse_pressure(cut);
		struct cgroup_layout layout;
		cgroup_layout_parse(&layout, cut);
		cgroup_layout_done(&layout);
	}
}

static void put(const char *directory, const char *file, const char *text)
{
	auto_close int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(fs_replace_file(fd, file, 0600, text, strlen(text), NULL), 0);
}

// A reader on files of our own making: what it keeps open, what it reads, and what "max" means.
static void a_reader(void **state)
{
	char top[] = "/tmp/test_sys_cgroup.XXXXXX";
	struct cgroup_layout layout;
	struct cgroup_reader *reader = NULL;
	struct cgroup_figures f;
	struct err e = {0};

	assert_non_null(mkdtemp(top));
	auto_free char *mountinfo = mem_printf("30 22 0:26 / %s rw - cgroup2 none rw\n", top);
	auto_free char *group = mem_printf("%s/g", top);
	auto_free char *stat = mem_printf("%s/g/cpu.stat", top);
	cgroup_layout_parse(&layout, mountinfo);
	assert_int_equal(cgroup_reader_open_group(&reader, &layout, "/g", CGROUP_READ_ALL, &e), -ENOENT);
	assert_non_null(strstr(e.text, "'/g' is not in a control group of its own"));
	assert_int_equal(mkdir(group, 0700), 0);
	put(group, "cpu.stat", "usage_usec 7\n");
	put(group, "memory.max", "max\n");
	put(group, "pids.max", "100\n");
	put(group, "memory.events", "low 0\noom 3\noom_kill 2\n");
	assert_int_equal(cgroup_reader_open_group(&reader, &layout, "/g", CGROUP_READ_ALL, &e), 0);
	assert_int_equal(cgroup_reader_read(reader, CGROUP_READ_ALL, &f), 0);
	assert_int_equal(f.cpu_ns, 7000);
	assert_true(f.memory_limit == CGROUP_MISSING && f.memory == CGROUP_MISSING && isnan(f.psi_cpu));
	assert_int_equal(f.pids_limit, 100);
	assert_int_equal(f.oom_kills, 2);
	// the same file: the kernel's change under a reader, too
	auto_close int fd = open(stat, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, "usage_usec 9\n", 13), 13);
	assert_int_equal(cgroup_reader_read(reader, CGROUP_READ_PIDS_LIMIT, &f), 0);
	// only what was asked for, and what seldom changes is remembered
	assert_true(f.cpu_ns == CGROUP_MISSING && f.pids_limit == 100);
	assert_int_equal(cgroup_reader_read(reader, CGROUP_READ_CPU, &f), 0);
	assert_int_equal(f.cpu_ns, 9000);
	cgroup_reader_free(reader);
	cgroup_reader_free(NULL);
	// the root's figures are the host's
	assert_int_equal(cgroup_reader_open_group(&reader, &layout, "/", CGROUP_READ_ALL, &e), -ENOENT);
	cgroup_layout_done(&layout);
	assert_int_equal(fs_remove_tree(AT_FDCWD, top, NULL), 0);
}

// Writes the file in place: a reader keeps it open, as it does the kernel's.
static void change(const char *group, const char *file, const char *text)
{
	auto_free char *path = mem_printf("%s/%s", group, file);
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static uint64_t memory_now(struct cgroup_reader *reader, unsigned parts)
{
	struct cgroup_figures f;

	assert_int_equal(cgroup_reader_read(reader, parts, &f), 0);
	return f.memory;
}

static void memory_of_an_idle_group_is_read_seldom(void **state)
{
	enum { PARTS = CGROUP_READ_CPU | CGROUP_READ_MEMORY };
	char top[] = "/tmp/test_sys_cgroup.XXXXXX";
	struct cgroup_layout layout;
	struct cgroup_reader *reader = NULL;
	struct err e = {0};

	assert_non_null(mkdtemp(top));
	auto_free char *mountinfo = mem_printf("30 22 0:26 / %s rw - cgroup2 none rw\n", top);
	auto_free char *group = mem_printf("%s/g", top);
	cgroup_layout_parse(&layout, mountinfo);
	assert_int_equal(mkdir(group, 0700), 0);
	change(group, "cpu.stat", "usage_usec 7\n");
	change(group, "memory.stat", "anon 1000\n");
	assert_int_equal(cgroup_reader_open_group(&reader, &layout, "/g", PARTS, &e), 0);
	assert_int_equal(memory_now(reader, PARTS), 1000);
	// it ran: read at once
	change(group, "cpu.stat", "usage_usec 8\n");
	change(group, "memory.stat", "anon 2000\n");
	assert_int_equal(memory_now(reader, PARTS), 2000);
	// it did not, but the kernel reclaimed some: read within a few looks
	change(group, "memory.stat", "anon 1500\n");
	assert_int_equal(memory_now(reader, PARTS), 2000);
	int looks = 1;
	while (looks < 10 && memory_now(reader, PARTS) == 2000)
		looks++;
	assert_true(looks < 10);
	assert_int_equal(memory_now(reader, PARTS), 1500);
	// whether it ran is not known: read each time
	change(group, "memory.stat", "anon 1200\n");
	assert_int_equal(memory_now(reader, CGROUP_READ_MEMORY), 1200);
	change(group, "memory.stat", "anon 1100\n");
	assert_int_equal(memory_now(reader, CGROUP_READ_MEMORY), 1100);
	assert_int_equal(memory_now(reader, PARTS), 1100);
	cgroup_reader_free(reader);
	cgroup_layout_done(&layout);
	assert_int_equal(fs_remove_tree(AT_FDCWD, top, NULL), 0);
}

static void this_host(void **state)
{
	struct cgroup_layout layout;
	struct err e = {0};

	assert_int_equal(cgroup_layout_read(&layout, &e), 0);
	if (layout.mode != CGROUP_NONE) {
		auto_free char *group = cgroup_of_process(&layout, getpid(), CGROUP_MEMORY);
		assert_true(group && group[0] == '/');
		auto_free char *gone = cgroup_of_process(&layout, 0x3fffffff, CGROUP_MEMORY);
		assert_null(gone);
	}
	cgroup_layout_done(&layout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),         cmocka_unit_test(directories), cmocka_unit_test(formats_of_v2), cmocka_unit_test(formats_of_v1),
		cmocka_unit_test(pressure),      cmocka_unit_test(formats_cut_anywhere), cmocka_unit_test(a_reader), cmocka_unit_test(memory_of_an_idle_group_is_read_seldom), cmocka_unit_test(this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
