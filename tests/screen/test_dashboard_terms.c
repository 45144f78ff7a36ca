// The dashboard on many terminals: colours, locales, sizes, a line that is slow or drops, and every way to end. And what it sends.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dashboard.h"

static void any_terminal_any_locale(void **state)
{
	static const char *const terms[] = {"TERM=xterm-256color", "TERM=vt100", "TERM=linux", "TERM=tmux-256color", "TERM=screen"};
	static const char *const locales[] = {"LANG=C.UTF-8", "LANG=C"};

	for (size_t i = 0; i < ARRAY_SIZE(terms); i++)
		for (size_t k = 0; k < ARRAY_SIZE(locales); k++) {
			bool ascii = k == 1, colours = strcmp(terms[i], "TERM=vt100") != 0;
			auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .environ = (const char *[]){terms[i], locales[k], NULL}});

			// states are told by sign and word
			expect_row(s, "web-1", ascii ? "* running" : "● running");
			expect_row(s, "job-1", ascii ? "= paused" : "◐ paused");
			expect_row(s, "old-dos-1", ascii ? "o off" : "○ off");
			expect_row(s, "api-1", ascii ? "x 137 OOM" : "✗ 137 OOM");
			expect(s, ascii ? "> api-1 " : "▌ api-1 ");
			expect_row(s, "stubborn-1", "1.0M/32M");
			screen_keys(s, "Down x");
			expect(s, "hostel restart batch-1");
			screen_keys(s, "Esc ] ] D");
			expect(s, "Lost for good:");
			assert_int_equal(screen_coloured(s), colours);
			assert_true(!ascii || screen_ascii(s));
			screen_keys(s, "n q");
			assert_int_equal(screen_ended(s), 0);
			assert_false(screen_modes(s).raw || screen_modes(s).alternate);
		}
}

static void without_colours_everything_is_still_said(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .environ = (const char *[]){"COLORTERM=truecolor", "NO_COLOR=1", NULL}});

	screen_keys(s, "Down Space");
	expect(s, "▌ build-1 ");
	expect(s, "•batch-1 ");
	expect(s, "? Help"); // the frame's last line
	int row = screen_find(s, "▌ build-1 ", NULL), column = 0;
	assert_false(screen_coloured(s));
	assert_true(screen_cell(s, row, 4).reverse);
	row = screen_find(s, "•batch-1 ", NULL);
	assert_true(screen_cell(s, row, 3).bold);
	row = screen_find(s, "✗ 137 OOM", &column);
	assert_true(screen_cell(s, row, column).bold);
	row = screen_find(s, "1 All 12", &column);
	assert_true(screen_cell(s, row, column).reverse);
}

static void any_size_at_any_moment(void **state)
{
	static const int sizes[][2] = {{1, 1}, {24, 80}, {2, 10}, {200, 300}, {3, 3}, {10, 40}, {1, 200}, {60, 1}, {36, 120}};
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});
	static const char *const views[] = {"?", "x", "C c", ": =theme Space Tab Tab", "/ =web", "D", "Enter", "] ]", "F2", "J"};

	for (size_t v = 0; v < ARRAY_SIZE(views); v++) {
		screen_keys(s, views[v]);
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			screen_resize(s, sizes[i][0], sizes[i][1]);
		screen_settle(s, 20);
		screen_keys(s, "Esc Esc Esc Esc");
	}
	expect(s, "▌ web-1 ");
	screen_keys(s, "k j");
	expect(s, "q Quit");
	expect(s, "1 All 12");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		screen_resize(s, sizes[i][0], sizes[i][1]);
		screen_settle(s, 20);
		screen_keys(s, "k j ?");
		screen_settle(s, 20);
		screen_keys(s, "Esc");
	}
	expect(s, "▌ web-1 ");
	screen_keys(s, "q");
	assert_int_equal(screen_ended(s), 0);
}

// The letter of the state in /proc/PID/stat, 0 when it is gone.
static char process_state(pid_t pid)
{
	char path[64], text[512] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *end = n > 0 ? strrchr(text, ')') : NULL;
	return end ? end[2] : 0;
}

static bool is_back(struct screen *s, const void *context)
{
	return screen_modes(s).raw && screen_modes(s).alternate;
}

static bool is_away(struct screen *s, const void *context)
{
	return !screen_modes(s).raw && !screen_modes(s).alternate;
}

// In a shell with job control, as a person has it.
static void suspended_and_back(void **state)
{
	auto_screen *s = screen_start(&(struct screen_start){.rows = 24, .columns = 80, .argv = (const char *[]){"bash", "--norc", "--noprofile", "-i", NULL},
	                                                      .environ = (const char *[]){"PS1=ready> ", "ASAN_OPTIONS=detect_leaks=0", NULL}});
	expect(s, "ready>");
	screen_keys(s, "=" TEST_BUILD "/hostel Space =--engine Space =fake:12,step,quiet Enter");
	expect(s, "▌ api-1 ");
	screen_keys(s, "j");
	expect(s, "▌ batch-1 ");
	screen_keys(s, "Ctrl-Z");
	expect(s, "Stopped");
	screen_until(s, is_away, NULL);
	expect_gone(s, "batch-1");
	assert_true(screen_modes(s).cursor);
	screen_resize(s, 30, 100);
	screen_keys(s, "=fg Enter");
	assert_true(screen_until(s, is_back, NULL));
	expect(s, "▌ batch-1 ");
	expect_key_line(s, 29);
	screen_keys(s, "j");
	expect(s, "▌ build-1 ");
	screen_keys(s, "q");
	expect_gone(s, "build-1");
	expect(s, "ready>");
}

// The first child of PID, 0 when it has none.
static pid_t child_of(pid_t pid)
{
	char path[64], text[256] = "";

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	return n > 0 ? (pid_t)atoi(text) : 0;
}

static bool is_gone(struct screen *s, const void *context)
{
	char now = process_state(*(const pid_t *)context);

	(void)s;
	return now == 0 || now == 'Z';
}

static void every_end_leaves_the_terminal_whole_and_nobody_behind(void **state)
{
	static const struct {
		int number; // 0: the terminal goes away
		bool signalled;
		int status;
	} rows[] = {{0, false, 0}, {SIGHUP, false, 0}, {SIGTERM, false, 143}, {SIGINT, false, 130}, {SIGSEGV, true, SIGSEGV}, {SIGABRT, true, SIGABRT}, {SIGQUIT, true, SIGQUIT}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_screen *s = open_dashboard((struct opening){.rows = 24, .columns = 80,
		                                                  .environ = (const char *[]){"ASAN_OPTIONS=handle_segv=0:handle_abort=0:detect_leaks=0", NULL}});
		pid_t agent = child_of(screen_pid(s));

		assert_true(agent > 0);
		if (rows[i].number)
			screen_signal(s, rows[i].number);
		else
			screen_hang_up(s);
		int status = screen_ended(s);
		assert_int_equal(WIFSIGNALED(status) != 0, rows[i].signalled);
		assert_int_equal(rows[i].signalled ? WTERMSIG(status) : WEXITSTATUS(status), rows[i].status);
		if (rows[i].number) {
			struct screen_modes modes = screen_modes(s);

			if (modes.raw || modes.alternate || modes.mouse || modes.paste || !modes.cursor)
				fail_msg("signal %d: raw %d alternate %d mouse %d paste %d cursor %d", rows[i].number, modes.raw, modes.alternate, modes.mouse, modes.paste, modes.cursor);
		}
		assert_true(screen_until(s, is_gone, &agent) || is_gone(s, &agent));
	}
}

static void a_stalled_terminal_gets_one_frame_then(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 50, .columns = 200, .engine = "fake:1000,step,quiet"});

	screen_settle(s, 100);
	screen_stall(s, true);
	size_t before = screen_bytes(s);
	for (int i = 0; i < 400; i++)
		screen_keys(s, i % 2 ? "G" : "g");
	screen_keys(s, "g j j j");
	screen_stall(s, false);
	expect(s, "▌ api-4 ");
	size_t came = screen_bytes(s) - before;
	// 400 whole pages would be some megabytes
	if (came > 250000)
		fail_msg("%zu bytes came", came);
}

// A configuration file with TEXT; the caller removes it.
static char *write_configuration(const char *text)
{
	char path[] = "/tmp/hostel-conf-XXXXXX";
	auto_close int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return mem_strdup(path);
}

// Bytes per cursor move and per refresh at 120 × 40 with 1,000 workloads, in rows that are full of colours.
static void little_is_sent_for_a_move(void **state)
{
	enum { MOVES = 40 };
	auto_free char *path = write_configuration("[screen]\ninterval = 60s\n"), *options = mem_printf("--config-file %s", path);
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .engine = "fake:1000,step,quiet", .options = options});

	expect(s, "1 All 1000");
	screen_keys(s, "/ =state:running Enter");
	expect(s, "▌ batch-1 ");
	screen_settle(s, 150);
	size_t before = screen_bytes(s);
	for (int i = 0; i < MOVES; i++) { // each move its own frame
		auto_free char *row = mem_printf("▌ batch-%d ", i < MOVES / 2 ? i + 2 : MOVES - i);

		screen_keys(s, i < MOVES / 2 ? "Down" : "Up");
		expect(s, row);
	}
	size_t sizes[256], count = screen_frames(s, before, sizes, ARRAY_SIZE(sizes));
	print_message("%zu bytes per move, %zu with another pane\n", sizes[count / 2], sizes[count - 1]);
	assert_true(count >= MOVES);
	assert_true(sizes[count / 2] <= 450);
	assert_true(sizes[count - 1] <= 800); // the pane follows
	unlink(path);
}

static void little_is_sent_for_a_refresh(void **state)
{
	enum { TICKS = 5 };
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .engine = "fake:1000,step,quiet"});

	expect(s, "1 All 1000");
	screen_keys(s, "/ =state:running Enter"); // rows whose figures change all the time
	expect(s, "▌ batch-1 ");
	expect_row(s, "batch-1", "/1.0G");
	screen_settle(s, 150);
	size_t before = screen_bytes(s);
	for (int i = 0; i < TICKS; i++) {
		auto_free char *row = mem_strdup(row_of(s, "batch-1"));

		assert_true(screen_lost(s, row));
		screen_settle(s, 100);
	}
	size_t sizes[256], count = screen_frames(s, before, sizes, ARRAY_SIZE(sizes));
	print_message("%zu bytes per refresh at most\n", sizes[count - 1]);
	assert_true(count >= TICKS);
	assert_true(sizes[count - 1] <= 2500);
}

static void it_starts_with_a_wrong_terminal_or_configuration_by_a_word(void **state)
{
	struct screen *s = screen_start(&(struct screen_start){.rows = 24, .columns = 120, .argv = (const char *[]){TEST_BUILD "/hostel", "--engine", "fake:3", NULL},
	                                                        .environ = (const char *[]){"TERM=dumb", NULL}});
	expect(s, "cannot place the cursor");
	assert_int_equal(WEXITSTATUS(screen_ended(s)), 1);
	screen_stop(s);

	auto_free char *path = write_configuration("[keys]\ndown = q\n");
	s = screen_start(&(struct screen_start){.rows = 24, .columns = 160, .argv = (const char *[]){TEST_BUILD "/hostel", "--engine", "fake:3", "--config-file", path, NULL}});
	auto_free char *place = mem_printf("%s:2: keys.down: q runs 'leave' already", path);
	expect(s, place);
	assert_int_equal(WEXITSTATUS(screen_ended(s)), 1);
	screen_stop(s);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_terminal_any_locale),
		cmocka_unit_test(without_colours_everything_is_still_said),
		cmocka_unit_test(any_size_at_any_moment),
		cmocka_unit_test(suspended_and_back),
		cmocka_unit_test(every_end_leaves_the_terminal_whole_and_nobody_behind),
		cmocka_unit_test(a_stalled_terminal_gets_one_frame_then),
		cmocka_unit_test(little_is_sent_for_a_move),
		cmocka_unit_test(little_is_sent_for_a_refresh),
		cmocka_unit_test(it_starts_with_a_wrong_terminal_or_configuration_by_a_word),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
