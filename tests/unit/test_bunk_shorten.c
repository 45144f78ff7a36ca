// A shortened system-call filter answers what libseccomp's own does: for every number, architecture and class of
// arguments, of an engine's kind of profile and of many random ones; and the proof finds programs that differ.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/filter/filter.h"
#include "bunk/filter/numbers.h"
#include "bunk/filter/shorten.h"
#include "bunk/read/config.h"
#include "bunk/read/reader.h"
#include "test.h"

static const char *const names[] = {
	"accept", "accept4", "access", "acct", "adjtimex", "alarm", "arch_prctl", "bind", "bpf", "brk", "capget", "capset",
	"chdir", "chmod",
	"chown", "clock_adjtime", "clock_getres", "clock_gettime", "clock_nanosleep", "clone", "clone3", "close",
	"close_range", "connect",
	"copy_file_range", "creat", "dup", "dup2", "dup3", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old",
	"epoll_pwait",
	"epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd", "eventfd2", "execve", "execveat", "exit", "exit_group",
	"faccessat", "faccessat2",
	"fadvise64", "fadvise64_64", "fallocate", "fanotify_mark", "fchdir", "fchmod", "fchmodat", "fchown", "fchownat",
	"fcntl", "fcntl64",
	"fdatasync", "fgetxattr", "flistxattr", "flock", "fork", "fremovexattr", "fsconfig", "fsetxattr", "fsmount",
	"fsopen", "fspick", "fstat",
	"fstat64", "fstatat64", "fstatfs", "fstatfs64", "fsync", "ftruncate", "ftruncate64", "futex", "futimesat",
	"get_mempolicy",
	"get_robust_list", "get_thread_area", "getcpu", "getcwd", "getdents", "getdents64", "getegid", "geteuid", "getgid",
	"getgroups", "getitimer",
	"getpeername", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getrandom", "getresgid", "getresuid",
	"getrlimit", "getrusage",
	"getsid", "getsockname", "getsockopt", "gettid", "gettimeofday", "getuid", "getxattr", "inotify_add_watch",
	"inotify_init", "inotify_init1",
	"inotify_rm_watch", "io_cancel", "io_destroy", "io_getevents", "io_setup", "io_submit", "io_uring_setup", "ioctl",
	"ioprio_get",
	"ioprio_set", "ipc", "kexec_load", "keyctl", "kill", "landlock_add_rule", "landlock_create_ruleset",
	"landlock_restrict_self", "lchown",
	"lgetxattr", "link", "linkat", "listen", "listxattr", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat",
	"lstat64", "madvise",
	"mbind", "membarrier", "memfd_create", "memfd_secret", "mincore", "mkdir", "mkdirat", "mknod", "mknodat", "mlock",
	"mlock2", "mlockall",
	"mmap", "mmap2", "modify_ldt", "mount", "mount_setattr", "move_mount", "mprotect", "mq_getsetattr", "mq_notify",
	"mq_open",
	"mq_timedreceive", "mq_timedsend", "mq_unlink", "mremap", "msgctl", "msgget", "msgrcv", "msgsnd", "msync",
	"munlock", "munlockall", "munmap",
	"name_to_handle_at", "nanosleep", "newfstatat", "open", "open_tree", "openat", "openat2", "pause", "personality",
	"pidfd_getfd",
	"pidfd_open", "pidfd_send_signal", "pipe", "pipe2", "pivot_root", "pkey_alloc", "pkey_free", "pkey_mprotect",
	"poll", "ppoll", "prctl",
	"pread64", "preadv", "preadv2", "prlimit64", "process_mrelease", "process_vm_readv", "process_vm_writev",
	"pselect6", "ptrace", "pwrite64",
	"pwritev", "pwritev2", "read", "readahead", "readdir", "readlink", "readlinkat", "readv", "reboot", "recv",
	"recvfrom", "recvmmsg",
	"recvmsg", "remap_file_pages", "removexattr", "rename", "renameat", "renameat2", "restart_syscall", "rmdir",
	"rseq", "rt_sigaction",
	"rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
	"rt_tgsigqueueinfo",
	"sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam",
	"sched_getscheduler",
	"sched_rr_get_interval", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler",
	"sched_yield", "seccomp", "select",
	"semctl", "semget", "semop", "semtimedop", "send", "sendfile", "sendfile64", "sendmmsg", "sendmsg", "sendto",
	"set_mempolicy",
	"set_robust_list", "set_thread_area", "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups",
	"setitimer", "setns", "setpgid",
	"setpriority", "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid", "setsockopt", "setuid",
	"setxattr", "shmat",
	"shmctl", "shmdt", "shmget", "shutdown", "sigaction", "sigaltstack", "signal", "signalfd", "signalfd4",
	"sigpending", "sigprocmask",
	"sigreturn", "sigsuspend", "socket", "socketcall", "socketpair", "splice", "stat", "stat64", "statfs", "statfs64",
	"statx", "symlink",
	"symlinkat", "sync", "sync_file_range", "syncfs", "syscall", "sysinfo", "syslog", "tee", "tgkill", "time",
	"timer_create", "timer_delete",
	"timer_getoverrun", "timer_gettime", "timer_settime", "timerfd", "timerfd_create", "timerfd_gettime",
	"timerfd_settime", "times", "tkill",
	"truncate", "truncate64", "ugetrlimit", "umask", "umount", "umount2", "uname", "unlink", "unlinkat", "unshare",
	"utime", "utimensat",
	"utimes", "vfork", "wait4", "waitid", "waitpid", "write", "writev",
	"mseal", "uretprobe", "listns", "statmount", "no such call", // newer than libseccomp, all or some of them
};

static const char *const actions[] = {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG",
                                      "SCMP_ACT_TRAP"};
static const char *const operators[] = {"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
                                        "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
static const char *const architectures[] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64",
                                            "SCMP_ARCH_ARM"};

static uint32_t seed;

static size_t chance(size_t n) // a number below N
{
	seed = seed * 1664525 + 1013904223;
	return (size_t)(seed >> 8) % n;
}

struct profile_made {
	struct seccomp_config config;
	struct pool *pool;
};

static const char **some_names(struct profile_made *m, struct texts *out, size_t from, size_t step)
{
	out->items = pool_new(&m->pool, ARRAY_SIZE(names), sizeof(*out->items));
	for (size_t i = from; i < ARRAY_SIZE(names); i += step)
		out->items[out->count++] = names[i];
	return out->items;
}

static void random_args(struct profile_made *m, struct seccomp_rule *rule)
{
	rule->args.count = 1 + chance(2);
	rule->args.items = pool_new(&m->pool, rule->args.count, sizeof(*rule->args.items));
	for (size_t i = 0; i < rule->args.count; i++)
		rule->args.items[i] = (struct seccomp_arg){.index = (uint32_t)(i * 2),
		                                           .value = chance(3) ? chance(100) : (uint64_t)chance(1 << 24) << 20,
		                                           .value_two = chance(64),
		                                           .op = operators[chance(ARRAY_SIZE(operators))]};
}

static struct profile_made random_profile(void)
{
	struct profile_made m = {.config = {.given = true}};

	m.config.default_action = actions[chance(ARRAY_SIZE(actions))];
	m.config.architectures.items = pool_new(&m.pool, ARRAY_SIZE(architectures), sizeof(char *));
	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
		if (chance(2))
			m.config.architectures.items[m.config.architectures.count++] = architectures[i];
	m.config.rules.items = pool_new(&m.pool, 6, sizeof(*m.config.rules.items));
	for (size_t i = 0; i < 1 + chance(6); i++) {
		struct seccomp_rule *rule = &m.config.rules.items[m.config.rules.count++];

		*rule = (struct seccomp_rule){.action = actions[chance(ARRAY_SIZE(actions))]};
		some_names(&m, &rule->names, chance(5), 1 + chance(9));
		if (chance(3) == 0)
			random_args(&m, rule);
	}
	return m;
}

// As engines write it: most are allowed, some depending on arguments, one is refused with its own error, the rest with
// another.
static struct profile_made engine_profile(void)
{
	static struct seccomp_arg not_netlink = {.index = 0, .value = 16, .op = "SCMP_CMP_NE"},
	                          no_namespaces = {.index = 0, .value = 0x7e020000, .op = "SCMP_CMP_MASKED_EQ"},
	                          linux32 = {.index = 0, .value = 8, .op = "SCMP_CMP_EQ"},
	                          query = {.index = 0, .value = UINT32_MAX, .op = "SCMP_CMP_EQ"};
	static const char *socket[] = {"socket"}, *clone[] = {"clone"}, *clone3[] = {"clone3"},
	                  *personality[] = {"personality"};
	struct profile_made m = {
	    .config = {.given = true, .default_action = "SCMP_ACT_ERRNO", .default_errno = {true, 38}}};
	struct seccomp_rule *rules = pool_new(&m.pool, 6, sizeof(*rules));

	m.config.architectures = (struct texts){.items = pool_new(&m.pool, 3, sizeof(char *)), .count = 3};
	memcpy(m.config.architectures.items, architectures, 3 * sizeof(char *));
	rules[0].action = rules[1].action = rules[2].action = rules[4].action = rules[5].action = "SCMP_ACT_ALLOW";
	m.config.rules.items = rules;
	m.config.rules.count = 6;
	some_names(&m, &rules[0].names, 0, 1);
	for (size_t i = 0; i < rules[0].names.count; i++) // those have rules of their own
		if (str_equal(rules[0].names.items[i], "socket") || str_starts(rules[0].names.items[i], "clone") ||
		    str_equal(rules[0].names.items[i], "personality"))
			rules[0].names.items[i] = "read";
	rules[1].names = (struct texts){socket, 1}, rules[1].args.items = &not_netlink, rules[1].args.count = 1;
	rules[2].names = (struct texts){clone, 1}, rules[2].args.items = &no_namespaces, rules[2].args.count = 1;
	rules[3] = (struct seccomp_rule){.names = {clone3, 1}, .action = "SCMP_ACT_ERRNO", .errno_return = {true, 38}};
	rules[4].names = (struct texts){personality, 1}, rules[4].args.items = &linux32, rules[4].args.count = 1;
	rules[5].names = (struct texts){personality, 1}, rules[5].args.items = &query, rules[5].args.count = 1;
	return m;
}

// Every constant of the program, and those beside it, in every half of every argument, one at a time.
static void compare_arguments(const struct sock_fprog *a, const struct sock_fprog *b, struct seccomp_data data)
{
	for (size_t i = 0; i < a->len; i++) {
		bool about_argument = BPF_CLASS(a->filter[i].code) == BPF_JMP && i > 0 &&
		                      (a->filter[i - 1].code == (BPF_LD | BPF_W | BPF_ABS)
		                           ? a->filter[i - 1].k >= 16
		                           : a->filter[i - 1].code == (BPF_ALU | BPF_AND | BPF_K));

		for (size_t k = 0; about_argument && k < 6 * 2 * 3; k++) {
			struct seccomp_data d = data;
			uint32_t half = a->filter[i].k + (uint32_t)(k % 3) - 1;

			memcpy((char *)d.args + k / 3 * sizeof(half), &half, sizeof(half));
			if (filter_ask(a, &d) != filter_ask(b, &d))
				fail_msg("architecture %#x, number %d, half %zu is %#x", d.arch, d.nr, k / 3, half);
		}
	}
}

static void compare_numbers(const struct sock_fprog *a, const struct sock_fprog *b, uint32_t arch)
{
	static const uint32_t starts[] = {0, 0x40000000, 0x0f0000, 0xfffff000, 0x7fffff00, 0x3ffffc00};

	for (size_t s = 0; s < ARRAY_SIZE(starts); s++)
		for (uint32_t i = 0; i < 0x1000; i++) {
			struct seccomp_data data = {.nr = (int)(starts[s] + i), .arch = arch};
			uint32_t answer = filter_ask(a, &data);

			if (answer == FILTER_WRONG || answer != filter_ask(b, &data))
				fail_msg("architecture %#x, number %#x: %#x and %#x", arch, starts[s] + i, answer,
				         filter_ask(b, &data));
			if (s < 2 && i < 512 && i % 7 == 0) // and those are most of what profiles speak of
				compare_arguments(a, b, data);
		}
}

// Returns whether it was shortened.
static bool compare(const struct profile_made *m)
{
	static const uint32_t archs[] = {
	    AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, AUDIT_ARCH_S390X, 0, UINT32_MAX};
	struct filter filter = {0};
	struct pool *pool = NULL;
	struct err e = {0};

	bool done = false;

	if (filter_compile_long(&filter, &pool, &m->config, &e) == 0) { // libseccomp refuses some random ones
		struct sock_fprog shorter = filter.program;

		done = filter_shorten(&shorter, &pool);
		assert_true(!done || shorter.len < filter.program.len);
		for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
			compare_numbers(&filter.program, &shorter, archs[i]);
	}
	pool_done(&pool);
	return done;
}

static void an_engines_profile_is_shortened_and_the_same(void **state)
{
	struct profile_made m = engine_profile();

	assert_true(compare(&m));
	pool_done(&m.pool);
}

static void random_profiles_stay_the_same(void **state)
{
	size_t shortened = 0;

	for (uint32_t i = 0; i < 40; i++) {
		seed = i * 7919 + 1;
		struct profile_made m = random_profile();

		shortened += compare(&m);
		pool_done(&m.pool);
	}
	assert_in_range(shortened, 10, 40);
}

static void every_change_of_an_answer_is_found(void **state)
{
	struct profile_made m = engine_profile();
	struct filter filter = {0};
	struct pool *pool = NULL;
	size_t found = 0, answers = 0;

	assert_int_equal(filter_compile(&filter, &pool, &m.config, NULL), 0);
	struct sock_filter *copy = mem_array(filter.program.len, sizeof(*copy));
	struct sock_fprog changed = {.len = filter.program.len, .filter = copy};
	memcpy(copy, filter.program.filter, filter.program.len * sizeof(*copy));
	assert_true(filter_same(&filter.program, &changed));
	for (size_t i = 0; i < changed.len; i++) {
		if (copy[i].code != (BPF_RET | BPF_K))
			continue;
		copy[i].k ^= 1;
		answers++;
		found += !filter_same(&filter.program, &changed);
		copy[i].k ^= 1;
	}
	assert_true(answers > 20);
	// but those behind questions about arguments, which are copied and not written anew
	assert_in_range(found, answers - 4, answers);
	free(copy);
	pool_done(&pool);
	pool_done(&m.pool);
}

static void what_is_not_understood_is_left_alone(void **state)
{
	struct sock_filter odd[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
	                            {BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1},
	                            {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
	struct sock_fprog p = {.len = ARRAY_SIZE(odd), .filter = odd};
	struct pool *pool = NULL;

	assert_false(filter_shorten(&p, &pool));
	assert_ptr_equal(p.filter, odd);
	assert_null(pool);
}

static struct sock_fprog compile_one(struct pool **pool, const char *name)
{
	static const char *const archs[] = {"SCMP_ARCH_X86_64",  "SCMP_ARCH_X86", "SCMP_ARCH_X32",
	                                    "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_MIPSEL64"};
	struct seccomp_rule rule = {.names = {&name, 1}, .action = "SCMP_ACT_ERRNO", .errno_return = {true, 99}};
	struct seccomp_config config = {.given = true,
	                                .default_action = "SCMP_ACT_ALLOW",
	                                .architectures = {(const char **)(uintptr_t)archs, ARRAY_SIZE(archs)},
	                                .rules = {&rule, 1}};

	struct filter filter = {0};

	assert_int_equal(filter_compile_long(&filter, pool, &config, NULL), 0);
	return filter.program;
}

// The numbers of the table are libseccomp's, of those that it knows, and are asked before its own program.
static void newer_calls_have_the_librarys_numbers(void **state)
{
	static const char *const known[] = {
	    "pidfd_send_signal", "io_uring_setup", "open_tree",    "fspick",        "pidfd_open",
	    "openat2",           "faccessat2",     "epoll_pwait2", "mount_setattr", "landlock_restrict_self",
	    "process_mrelease",  "futex_waitv"};
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64,  AUDIT_ARCH_I386, 0x4000003e,
	                                 AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM,  AUDIT_ARCH_MIPSEL64};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct pool *theirs = NULL, *ours = NULL;
		struct sock_fprog a = compile_one(&theirs, known[i]), b = compile_one(&ours, "no such call");
		struct filter_new newer = {0};

		assert_true(filter_add_new(&newer, known[i], SECCOMP_RET_ERRNO | 99));
		assert_true(filter_add_new(&newer, known[i], SECCOMP_RET_TRAP)); // the first counts
		assert_int_equal(filter_prepend_new(&b, &ours, &newer, archs, ARRAY_SIZE(archs), NULL), 0);
		if (!filter_same(&a, &b))
			fail_msg("%s has another number", known[i]);
		pool_done(&theirs);
		pool_done(&ours);
	}
}

// Other architectures, x32 beside x86_64, and the number -1 keep the program's own answer, also when the program is
// made shorter.
static void beyond_the_newest_call_nothing_is_there(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, 0x4000003e, AUDIT_ARCH_AARCH64,
	                                 AUDIT_ARCH_MIPSEL64};
	static const struct {
		uint32_t arch, number;
		bool there;
	} rows[] = {
		{AUDIT_ARCH_X86_64, 400, true}, {AUDIT_ARCH_X86_64, 401, false}, {AUDIT_ARCH_X86_64, 0x3fffffff, false},
		 {AUDIT_ARCH_X86_64, 0x40000000 + 500, true},
		{AUDIT_ARCH_X86_64, 0x40000000 + 501, false}, {AUDIT_ARCH_X86_64, 0x80000000, true}, {AUDIT_ARCH_X86_64,
		 UINT32_MAX, true}, {AUDIT_ARCH_I386, 300, true},
		{AUDIT_ARCH_I386, 301, false}, {AUDIT_ARCH_AARCH64, 4000, true}, {AUDIT_ARCH_MIPSEL64, 5100, true},
		 {AUDIT_ARCH_MIPSEL64, 5101, false},
	};
	struct filter_new newer = {.newest = {400, 300, 0x40000000 + 500, 0, 5100}};
	struct pool *pool = NULL;
	struct sock_fprog p = compile_one(&pool, "no such call");

	(void)state;
	assert_int_equal(filter_prepend_new(&p, &pool, &newer, archs, ARRAY_SIZE(archs), NULL), 0);
	for (int shorter = 0; shorter < 2; shorter++, filter_shorten(&p, &pool))
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			uint32_t answer = filter_ask(&p, &(struct seccomp_data){.arch = rows[i].arch, .nr = (int)rows[i].number});

			if ((answer == (SECCOMP_RET_ERRNO | ENOSYS)) == rows[i].there)
				fail_msg("%08x %u: %08x", rows[i].arch, rows[i].number, answer);
		}
	pool_done(&pool);
}

static void newer_calls_are_asked_by_architecture(void **state)
{
	static const struct {
		const char *name;
		uint32_t arch, number, answer;
	} rows[] = {
		{"mseal", AUDIT_ARCH_X86_64, 462, SECCOMP_RET_ERRNO | 99}, {"mseal", AUDIT_ARCH_I386, 462,
		 SECCOMP_RET_ERRNO | 99}, {"mseal", AUDIT_ARCH_AARCH64, 462, SECCOMP_RET_ERRNO | 99},
		{"mseal", AUDIT_ARCH_X86_64, 0x40000000 + 462, SECCOMP_RET_ERRNO | 99}, {"mseal", AUDIT_ARCH_MIPSEL64, 5462,
		 SECCOMP_RET_ERRNO | 99},
		{"mseal", AUDIT_ARCH_X86_64, 463, SECCOMP_RET_ALLOW}, {"mseal", AUDIT_ARCH_MIPSEL64, 5463, SECCOMP_RET_ALLOW},
		{"uretprobe", AUDIT_ARCH_X86_64, 335, SECCOMP_RET_ERRNO | 99}, {"uretprobe", AUDIT_ARCH_I386, 335,
		 SECCOMP_RET_ALLOW},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pool *pool = NULL;
		struct sock_fprog p = compile_one(&pool, rows[i].name);
		struct seccomp_data data = {.nr = (int)rows[i].number, .arch = rows[i].arch};

		if (filter_ask(&p, &data) != rows[i].answer)
			fail_msg("%s, %#x: %#x", rows[i].name, rows[i].arch, filter_ask(&p, &data));
		pool_done(&pool);
	}
	assert_false(filter_add_new(&(struct filter_new){0}, "no such call", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_engines_profile_is_shortened_and_the_same),
		cmocka_unit_test(random_profiles_stay_the_same),
		cmocka_unit_test(every_change_of_an_answer_is_found),
		cmocka_unit_test(what_is_not_understood_is_left_alone),
		cmocka_unit_test(newer_calls_have_the_librarys_numbers),
		cmocka_unit_test(newer_calls_are_asked_by_architecture),
		cmocka_unit_test(beyond_the_newest_call_nothing_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
