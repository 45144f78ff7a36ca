// sys/proc: children that are run, started and waited for, what /proc says of processes, and names of signals.
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sys/lock.h"
#include "sys/signal_name.h"

#include "test.h"

#define SHELL(TEXT) (const char *const[]){"sh", "-c", TEXT, NULL}

static void output_and_status(void **state)
{
	auto_str out = {0};
	struct err e = {0};

	assert_int_equal(proc_run(SHELL("echo out; echo err >&2; exit 3"), NULL, &out, 0, &e), 3);
	assert_string_equal(str_text(&out), "out\n");
	assert_non_null(strstr(e.text, "'sh' failed: err"));
	assert_int_equal(proc_run(SHELL("echo sh: no reason >&2; exit 3"), NULL, NULL, 0, &e), 3);
	assert_string_equal(e.text, "sh: no reason");
	str_clear(&out);
	assert_int_equal(proc_run((const char *const[]){"cat", NULL}, "both\0ways" + 0, &out, 0, &e), 0);
	assert_string_equal(str_text(&out), "both");
	assert_int_equal(proc_run(SHELL("test ! -s /dev/stdin"), NULL, NULL, 0, &e), 0); // nothing to read
}

// More than a pipe holds, both ways at once: neither side blocks.
static void much_input_and_output(void **state)
{
	auto_free char *text = mem_new(1 << 20);
	auto_str out = {0};
	struct err e = {0};

	memset(text, 'x', (1 << 20) - 1);
	assert_int_equal(proc_run((const char *const[]){"cat", NULL}, text, &out, 0, &e), 0);
	assert_int_equal(out.length, (1 << 20) - 1);
	// a program that reads nothing causes no SIGPIPE
	assert_int_equal(proc_run((const char *const[]){"true", NULL}, text, NULL, 0, &e), 0);
}

static void failures_say_what(void **state)
{
	struct err e = {0};
	int64_t begin = clock_mono();

	assert_int_equal(proc_run((const char *const[]){"/nonexistent/program", NULL}, NULL, NULL, 0, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/program"));
	assert_int_equal(proc_run(SHELL("kill -9 $$"), NULL, NULL, 0, &e), -EINTR);
	assert_non_null(strstr(e.text, "signal 9"));
	assert_int_equal(proc_run((const char *const[]){"sleep", "1000", NULL}, NULL, NULL, 50 * MS, &e), -ETIMEDOUT);
	// also when it closed its output
	assert_int_equal(proc_run(SHELL("exec >&- 2>&-; exec sleep 1000"), NULL, NULL, 50 * MS, &e), -ETIMEDOUT);
	assert_true(clock_mono() - begin < 100000 * MS);
	auto_str out = {0};
	// a grandchild keeps the pipe
	assert_int_equal(proc_run(SHELL("sleep 1000 & echo $!"), NULL, &out, 20000 * MS, &e), 0);
	assert_int_equal(kill(atoi(str_text(&out)), SIGKILL), 0);
}

static void a_child_starts_clean(void **state)
{
	auto_str seen = {0};
	struct err e = {0};
	int line[2], status;
	char text[256] = "";
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(line, O_CLOEXEC), 0);
	pid_t pid = proc_spawn(
	    SHELL(
	        "echo $(cut -d' ' -f6 /proc/$$/stat) $$; echo extra >&3; exec grep -E '^Sig(Blk|Ign)' /proc/self/status"),
	    (const int[3]){-1, line[1], -1}, line[1], true, &e);
	assert_true(pid > 0);
	close(line[1]);
	for (ssize_t n; (n = read(line[0], text, sizeof(text) - 1)) > 0;)
		str_add_bytes(&seen, text, (size_t)n);
	close(line[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	auto_free char *session = mem_printf("%d %d\n", (int)pid, (int)pid);
	assert_non_null(strstr(str_text(&seen), "SigBlk:\t0000000000000000\n"));
	const char *ignored = strstr(str_text(&seen), "SigIgn:\t");
	assert_non_null(ignored);
	assert_int_equal(strtoull(ignored + 8, NULL, 16) & ~(UINT64_C(3) << 31), 0); // the C library keeps two for itself
	assert_non_null(strstr(str_text(&seen), session)); // the leader of a session
	assert_non_null(strstr(str_text(&seen), "extra\n"));
}

static void who_runs(void **state)
{
	struct err e = {0};
	uint64_t ticks, cpu, rss;
	pid_t pid = proc_spawn((const char *const[]){"sleep", "1000", NULL}, (const int[3]){-1, -1, -1}, -1, false, &e);

	assert_int_equal(proc_start_time(pid, &ticks), 0);
	assert_true(proc_is_alive(pid, ticks));
	assert_false(proc_is_alive(pid, ticks + 1)); // the number was given to another
	assert_int_equal(proc_open(pid, ticks + 1), -ESRCH);
	auto_close int pidfd = proc_open(pid, ticks);
	assert_true(pidfd >= 0 && fcntl(pidfd, F_GETFD) == FD_CLOEXEC);
	assert_int_equal(proc_usage(pid, &cpu, &rss), 0);
	kill(pid, SIGKILL);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_false(proc_is_alive(pid, ticks)); // a zombie does not run
	assert_int_equal(proc_open(pid, ticks), -ESRCH);
	waitpid(pid, NULL, 0);
	assert_int_equal(proc_start_time(pid, &ticks), -ESRCH);
	assert_int_equal(proc_usage(pid, &cpu, &rss), -ESRCH);
	assert_false(proc_is_alive(0, 0));
	assert_false(proc_is_alive(-1, 0));
}

static void *sleep_on(void *nothing)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); // also when the test fails
	pause();
	return nothing;
}

// The first thread of a process may end long before the others: the process runs on.
static void a_first_thread_is_not_all(void **state)
{
	char path[64], text[1024] = "";
	int64_t deadline = clock_mono() + 10000 * MS;
	uint64_t ticks;
	pid_t pid = fork();

	if (pid == 0) {
		pthread_t thread;

		pthread_create(&thread, NULL, sleep_on, NULL);
		syscall(SYS_exit, 0); // this thread alone
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (!strstr(text, ") Z ") && clock_mono() < deadline) {
		usleep(1000);
		assert_true(proc_read_file(path, text, sizeof(text)) > 0);
	}
	assert_non_null(strstr(text, ") Z "));
	assert_int_equal(proc_start_time(pid, &ticks), 0);
	assert_true(proc_is_alive(pid, ticks));
	kill(pid, SIGKILL);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_false(proc_is_alive(pid, ticks));
	waitpid(pid, NULL, 0);
}

// A process may call itself anything: also what looks like the fields behind its name.
static void a_name_cannot_lie(void **state)
{
	uint64_t before, after;

	assert_int_equal(proc_start_time(getpid(), &before), 0);
	prctl(PR_SET_NAME, ") Z 1 (\n) X", 0, 0, 0);
	assert_int_equal(proc_start_time(getpid(), &after), 0);
	assert_int_equal(before, after);
	assert_true(proc_is_alive(getpid(), after));
	prctl(PR_SET_NAME, "test", 0, 0, 0);
}

static void usage_grows_with_work(void **state)
{
	uint64_t cpu, later, rss;
	volatile unsigned work = 0;

	assert_int_equal(proc_usage(getpid(), &cpu, &rss), 0);
	assert_true(rss > 100000);
	do {
		for (int i = 0; i < 1000000; i++)
			work++;
		assert_int_equal(proc_usage(getpid(), &later, &rss), 0);
	} while (later == cpu);
	assert_true(later > cpu);
}

static void small_files(void **state)
{
	char text[64], few[4];

	assert_true(proc_read_file("/proc/sys/kernel/ostype", text, sizeof(text)) > 0);
	assert_string_equal(text, "Linux\n");
	assert_int_equal(proc_read_file("/proc/sys/kernel/ostype", few, sizeof(few)), 3);
	assert_string_equal(few, "Lin");
	assert_int_equal(proc_read_file("/nonexistent", text, sizeof(text)), -ENOENT);
	assert_int_equal(proc_read_file("/", text, sizeof(text)), -EISDIR);
}

static void the_host(void **state)
{
	struct proc_host a, b;
	struct err e = {0};

	assert_int_equal(proc_host_read(&a, &e), 0);
	assert_true(a.cpus >= 1 && a.memory_total > a.memory_available && a.memory_available > 0 && a.busy_ns > 0 &&
	            a.load1 >= 0);
	assert_true(a.memory_free > 0 && a.memory_free < a.memory_total && a.up_ns > 0);
	assert_true(a.busy_ns >= a.steal_ns);
	assert_int_equal(a.cpus, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(a.cpu_count >= 1 && a.cpu_count <= sysconf(_SC_NPROCESSORS_CONF));
	assert_int_equal(proc_host_read(&b, &e), 0);
	assert_true(b.busy_ns >= a.busy_ns && b.guest_ns >= a.guest_ns && b.net_rx >= a.net_rx &&
	            b.disk_write >= a.disk_write);
	uint64_t sum = 0;
	for (unsigned i = 0; i < a.cpu_count; i++)
		sum += a.cpu_ns[i] == PROC_CPU_OFFLINE ? 0 : a.cpu_ns[i];
	// the kernel rounds each CPU's figures down to clock ticks
	assert_true(sum <= a.busy_ns - a.steal_ns + a.cpu_count * SECOND / 10 && sum + a.cpu_count * SECOND / 10 >= a.busy_ns - a.steal_ns);
}

// In namespaces of its own: meminfo as a machine might have it whose interfaces, disks or interrupts fill more than
// any buffer.
static int read_long_host(void)
{
	char name[] = "/tmp/test_sys_proc.XXXXXX";
	struct proc_host host;
	int fd = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 ? mkstemp(name) : -1;

	if (fd < 0)
		return 2;
	for (int i = 0; i < 20000; i++)
		dprintf(fd, "Line%d: 1 kB\n", i);
	dprintf(fd, "MemTotal: 5 kB\n");
	close(fd);
	bool bound = mount(name, "/proc/meminfo", NULL, MS_BIND, NULL) == 0;
	unlink(name);
	if (!bound)
		return 2;
	return proc_host_read(&host, NULL) == 0 && host.memory_total == 5 * 1024 ? 0 : 1;
}

static void a_long_host(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(read_long_host());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip(); // no user namespaces
	assert_int_equal(status, 0);
}

static void programs_are_found(void **state)
{
	auto_free char *shell = proc_find_program("sh");
	auto_free char *none = proc_find_program("no-such-program-anywhere");

	assert_true(shell && shell[0] == '/' && access(shell, X_OK) == 0);
	assert_null(none);
	auto_free char *path = proc_find_program(shell), *nowhere = proc_find_program("/nonexistent/sh");
	assert_string_equal(path, shell);
	assert_null(nowhere);
}

static void signals(void **state)
{
	static const char *const bad[] = {
	    "",    "65",   "-1",       "+9",       " 9",      "9 ",      "0x9",
	    "SIG", "SIGX", "RTMIN+99", "RTMAX-99", "RTMIN-1", "RTMAX+1", "99999999999999999999"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (signal_number(bad[i], NULL) != -EINVAL)
			fail_msg("'%s' is taken for a signal", bad[i]);
	assert_int_equal(signal_number("0", NULL), 0);
	assert_int_equal(signal_number("9", NULL), 9);
	assert_int_equal(signal_number("KILL", NULL), SIGKILL);
	assert_int_equal(signal_number("SIGTERM", NULL), SIGTERM);
	assert_int_equal(signal_number("sigusr1", NULL), SIGUSR1);
	assert_int_equal(signal_number("RTMIN+1", NULL), SIGRTMIN + 1);
	assert_int_equal(signal_number("SIGRTMAX-2", NULL), SIGRTMAX - 2);
	assert_int_equal(signal_number("64", NULL), 64);
	assert_int_equal(signal_number("SIGRTMIN+3", NULL), 37);
	assert_int_equal(signal_number("rtmin", NULL), 34);
	assert_int_equal(signal_number("SIGIOT", NULL), SIGABRT);
	assert_int_equal(signal_number("SIGCLD", NULL), SIGCHLD);
	assert_int_equal(signal_number("IO", NULL), SIGIO);
}

// Once lock_wait() in the other thread has a child that waits.
static void *release_lock(void *fd)
{
	auto_free char *path = mem_printf("/proc/self/task/%d/children", (int)getpid());
	char text[64] = "";

	while (proc_read_file(path, text, sizeof(text)) == 0)
		usleep(1000);
	close(*(int *)fd);
	return NULL;
}

// The child inherits the other thread's descriptor, which must not prolong the lock.
static void threads_wait_for_each_other(void **state)
{
	char path[] = "/tmp/test-lock.XXXXXX";
	int held = mkstemp(path), other = open(path, O_RDWR | O_CLOEXEC);
	pthread_t thread;
	struct err e = {0};

	unlink(path);
	assert_int_equal(lock_try(held), 0);
	assert_int_equal(pthread_create(&thread, NULL, release_lock, &held), 0);
	assert_int_equal(lock_wait(other, false, "the test", &e), 0);
	pthread_join(thread, NULL);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status),  cmocka_unit_test(much_input_and_output), cmocka_unit_test(failures_say_what),
		cmocka_unit_test(a_child_starts_clean), cmocka_unit_test(who_runs),            cmocka_unit_test(a_name_cannot_lie), cmocka_unit_test(a_first_thread_is_not_all),
		cmocka_unit_test(usage_grows_with_work), cmocka_unit_test(small_files),        cmocka_unit_test(the_host), cmocka_unit_test(a_long_host),
		cmocka_unit_test(programs_are_found), cmocka_unit_test(signals), cmocka_unit_test(threads_wait_for_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
