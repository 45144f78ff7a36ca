// The dashboard on many terminals: colours, locales, sizes, a line that is slow or drops, and every way to end. And
// what it sends.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dashboard.h"

static void any_terminal_any_locale(void **state)
{
	static const char *const terms[] = {"TERM=xterm-256color", "TERM=vt100", "TERM=linux", "TERM=tmux-256color",
	                                    "TERM=screen"};
	static const char *const locales[] = {"LANG=C.UTF-8", "LANG=C"};

	for (size_t i = 0; i < ARRAY_SIZE(terms); i++)
		for (size_t k = 0; k < ARRAY_SIZE(locales); k++) {
			bool ascii = k == 1, colours = strcmp(terms[i], "TERM=vt100") != 0;
			auto_screen *s = open_dashboard(
			    (struct opening){.rows = 36, .columns = 120, .environ = (const char *[]){terms[i], locales[k], NULL}});

			// states are told by sign and word
			expect_row(s, "web-1", ascii ? "* running" : "● running");
			expect_row(s, "job-1", ascii ? "= paused" : "◐ paused");
			expect_row(s, "old-dos-1", ascii ? "o off" : "○ off");
			expect_row(s, "api-1", ascii ? "x OOM 137" : "✗ OOM 137");
			expect(s, ascii ? "> api-1 " : "▌ api-1 ");
			expect_row(s, "stubborn-1", "1.0M/32M");
			screen_keys(s, "Down x");
			expect(s, "restart batch-1");
			screen_keys(s, "Esc ] ] D");
			expect(s, "This permanently deletes:");
			assert_int_equal(screen_coloured(s), colours);
			assert_true(!ascii || screen_ascii(s));
			screen_keys(s, "n q");
			assert_int_equal(screen_ended(s), 0);
			assert_false(screen_modes(s).raw || screen_modes(s).alternate);
		}
}

// The screen below the header, which shows this machine's figures, and the views, whose problems come and go.
// Characters beyond ASCII become ANY, since ASCII terminals show others in their place. Owned.
enum { ANY = '\1' };

static char *picture(struct screen *s)
{
	enum { HEADER = 9, ROWS = 36, COLUMNS = 120 };
	struct str out = {0};

	for (int row = HEADER; row < ROWS; row++)
		for (int column = 0; column < COLUMNS; column++) {
			const char *text = screen_cell(s, row, column).text;

			str_add_char(&out, !*text ? ' ' : text[1] ? ANY : text[0]);
			if (column + 1 == COLUMNS)
				str_add_char(&out, '\n');
		}
	return str_steal(&out);
}

static bool has_more(struct screen *s, const void *bytes)
{
	return screen_bytes(s) > *(const size_t *)bytes;
}

// The picture that stays the same from frame to frame. Owned.
static char *steady_picture(struct screen *s)
{
	char *last = picture(s);

	for (int same = 0; same < 2;) {
		size_t before = screen_bytes(s);

		screen_until(s, has_more, &before);
		screen_settle(s, 20);
		char *now = picture(s);
		same = str_equal(now, last) ? same + 1 : 0;
		free(last);
		last = now;
	}
	return last;
}

static bool is_picture(struct screen *s, const void *wanted)
{
	auto_free char *now = picture(s);
	const char *a = now, *b = wanted;

	while (*a && (*a == *b || *a == ANY || *b == ANY))
		a++, b++;
	return *a == *b;
}

// A directory with the locale de_DE.ISO-8859-1, made for these tests alone; NULL where none can be made.
static const char *latin1(void)
{
	static char dir[] = "/tmp/hostel-locales-XXXXXX";
	static bool made, works;

	if (!made && mkdtemp(dir)) {
		auto_free char *line = mem_printf("localedef -i de_DE -f ISO-8859-1 %s/de_DE.ISO-8859-1 >/dev/null 2>&1", dir);

		works = system(line) == 0;
	}
	made = true;
	return works ? dir : NULL;
}

static void remove_latin1(void)
{
	auto_free char *line = mem_printf("rm -r %s", latin1() ? latin1() : "");

	if (latin1() && system(line) != 0)
		fprintf(stderr, "cannot remove '%s'\n", latin1());
}

static void the_same_picture_on_every_terminal_in_every_locale(void **state)
{
	static const char *const terms[] = {"xterm-256color",
	                                    "xterm",
	                                    "xterm-16color",
	                                    "xterm-direct",
	                                    "xterm-of-tomorrow",
	                                    "alacritty",
	                                    "foot",
	                                    "tmux-256color",
	                                    "screen",
	                                    "screen-256color",
	                                    "linux",
	                                    "vt100",
	                                    "vt220",
	                                    "rxvt-unicode-256color",
	                                    "konsole",
	                                    "putty"};
	// what is drawn over the list and taken away again; and what shows that it is there
	static const struct {
		const char *keys, *shown;
	} steps[] = {{"[ [ G", "\"id\": \"local/fake/container/1\""},
	             {"g Down", "\"name\": \"batch-1\""},
	             {"?", "Help: the keys here"},
	             {"End", "F10  "},
	             {"Esc", "\"name\": \"batch-1\""},
	             {"x", "pause batch-1"},
	             {"Esc D", "Delete 'batch-1'?"},
	             {"n", "\"name\": \"batch-1\""},
	             {"C c", "Create a container"},
	             {"Esc", "\"name\": \"batch-1\""},
	             {"Enter", "\"isolation\""}};
	// libtinfo keeps what it made of a terminal that it did not know, and the C library the parts of LOCPATH
	static const char leaks[] = "ASAN_OPTIONS=detect_leaks=0";
	static const char unchanging[] = SHORT_INTERVAL "[list]\ncolumns = name,kind,state,start,image\n";
	auto_free char *where = mem_printf("LOCPATH=%s", latin1() ? latin1() : "");
	const char *const locales[][2] = {
	    {"LC_ALL=C.UTF-8", "LOCPATH"}, {"LC_ALL=C", "LOCPATH"}, {"LC_ALL=de_DE.ISO-8859-1", where}};
	char *pictures[ARRAY_SIZE(steps)] = {0};

	if (!latin1())
		print_message("without de_DE.ISO-8859-1, which localedef cannot make here (package locales)\n");
	for (size_t i = 0; i < ARRAY_SIZE(terms); i++)
		for (size_t k = 0; k < (latin1() ? 3 : 2); k++) {
			auto_free char *term = mem_printf("TERM=%s", terms[i]),
			               *known = mem_printf("infocmp %s >/dev/null 2>&1", terms[i]);
			bool like_xterm = strncmp(terms[i], "xterm", 5) == 0;

			if (!like_xterm && system(known) != 0)
				continue;
			auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .configuration = unchanging,
			                                                  .environ = (const char *[]){term, locales[k][0],
			                                                  locales[k][1], "LANG", leaks, NULL}});
			expect(s, "  1 All 12   2 Guests 5   3 Containers 7   4 Images 4   5 Networks 2   6 Volumes 3   ! Problems ");
			for (size_t n = 0; n < ARRAY_SIZE(steps); n++) {
				screen_keys(s, steps[n].keys);
				if (!pictures[n]) {
					expect(s, steps[n].shown);
					pictures[n] = steady_picture(s);
				}
				if (screen_until(s, is_picture, pictures[n]))
					continue;
				screen_print(s, stderr);
				fprintf(stderr, "--- it should be\n%s", pictures[n]);
				fail_msg("%s %s: another picture after '%s'", term, locales[k][0], steps[n].keys);
			}
			assert_true(k == 0 || screen_ascii(s));
			screen_keys(s, "Esc q");
			assert_int_equal(screen_ended(s), 0);
		}
	for (size_t n = 0; n < ARRAY_SIZE(steps); n++)
		free(pictures[n]);
}

// An unknown terminal type is reported once, with the remedy.
static void an_unknown_terminal_is_drawn_all_the_same(void **state)
{
	auto_screen *s = open_dashboard(
	    (struct opening){.rows = 24, .columns = 120, .environ = (const char *[]){"TERM=xterm-of-tomorrow", NULL}});

	expect(s, "unknown terminal type 'xterm-of-tomorrow': treated as xterm-256color");
	assert_true(screen_coloured(s));
	screen_keys(s, "j");
	expect(s, "▌ batch-1 ");
	expect_gone(s, "of-tomorrow");
	screen_keys(s, "L");
	expect(s, "xterm-of-tomorrow");
}

// Guests of libvirt's test driver in a file, which the caller removes.
static char *write_guests(const char *const *names, size_t count)
{
	auto_str text = {0};

	str_add(&text, "<node>");
	for (size_t i = 0; i < count; i++)
		str_addf(
		    &text,
		    "<domain "
		    "type='test'><name>%s</name><uuid>00000000-0000-0000-0000-00000000000%zu</uuid><memory>65536</memory><os><type>hvm</type></os></domain>",
		    names[i], i + 1);
	str_add(&text, "</node>");
	return write_configuration(str_text(&text));
}

// ssh brings the names of locales that this machine may not have.
static void a_locale_that_is_not_installed_is_utf8_by_its_name(void **state)
{
	static const char *const names[] = {"café", "cafè", "日本語"};
	static const struct {
		const char *environ[4];
		bool utf8;
	} rows[] = {
		{{"LC_ALL", "LC_CTYPE", "LANG=de_DE.UTF-8"}, true}, {{"LC_ALL", "LC_CTYPE=fr_FR.utf8", "LANG=C"}, true},
		 {{"LC_ALL=xx_YY.UTF-8@euro", "LC_CTYPE=C", "LANG=C"}, true},
		{{"LC_ALL", "LC_CTYPE=UTF-8", "LANG"}, true}, {{"LC_ALL=", "LC_CTYPE=", "LANG=C.utf-8"}, true},
		 {{"LC_ALL=xx_YY", "LC_CTYPE", "LANG=de_DE.UTF-8"}, false},
		{{"LC_ALL", "LC_CTYPE", "LANG=de_DE"}, false}, {{"LC_ALL=POSIX", "LC_CTYPE=UTF-8", "LANG=C.UTF-8"}, false},
	};
	auto_free char *path = write_guests(names, ARRAY_SIZE(names)), *engine = mem_printf("libvirt:test://%s", path);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *environ[] = {rows[i].environ[0], rows[i].environ[1], rows[i].environ[2], "LOCPATH=/nonexistent",
		                         NULL};
		auto_screen *s = open_dashboard(
		    (struct opening){.rows = 24, .columns = 100, .engine = engine, .until = "caf", .environ = environ});

		expect(s, rows[i].utf8 ? "café" : "caf\\u{e9}");
		expect(s, rows[i].utf8 ? "cafè" : "caf\\u{e8}");
		expect(s, rows[i].utf8 ? "日本語" : "\\u{65e5}");
	}
	unlink(path);
}

// Without UTF-8 two names never look the same, least of all where one is deleted, and what is shown can be typed.
static void names_keep_apart_in_seven_bits(void **state)
{
	static const char *const names[] = {"café", "cafè"};
	const char *const environ[] = {"LC_ALL=C", NULL};
	auto_free char *path = write_guests(names, ARRAY_SIZE(names)), *engine = mem_printf("libvirt:test://%s", path);
	auto_screen *s = open_dashboard(
	    (struct opening){.rows = 24, .columns = 100, .engine = engine, .until = "caf", .environ = environ});

	screen_keys(s, "g D");
	expect(s, "Delete 'caf\\u{e8}'");
	screen_keys(s, "d");
	expect(s, "Type caf\\u{e8} ");
	screen_keys(s, "=caf\\u{e8}");
	expect(s, "Confirm");
	assert_true(screen_ascii(s));
	auto_screen *verb = screen_start(&(struct screen_start){.rows = 24, .columns = 80, .environ = environ,
	                                                         .argv = (const char *[]){TEST_BUILD "/hostel", "--engine",
	                                                         engine, "ls", NULL}});
	expect(verb, "caf\\u{e8}  guest");
	expect(verb, "caf\\u{e9}  guest");
	assert_true(screen_ascii(verb));
	// a script gets the names as they are
	auto_free char *line = mem_printf(
	    "LC_ALL=C " TEST_BUILD "/hostel --engine %s ls --format '{name}' | LC_ALL=C grep -qx 'café'", engine);
	assert_int_equal(system(line), 0);
	unlink(path);
}

// Names of any length and width leave room for the columns beside them.
static void one_long_name_does_not_blank_the_list(void **state)
{
	auto_free char *latin = mem_new(256), *wide = mem_new(256), *marks = mem_new(256);

	memset(latin, 'n', 255);
	for (int i = 0; i < 85; i++)
		strcat(wide, "漢");
	for (int i = 0; i < 85; i++)
		strcat(marks, "e\xcc\x81");
	const char *const names[] = {
	    "web", latin, wide, marks, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80 emoji", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"};
	auto_free char *path = write_guests(names, ARRAY_SIZE(names)), *engine = mem_printf("libvirt:test://%s", path);

	for (int columns = 40; columns <= 200; columns += 40) {
		auto_screen *s = screen_start(
		    &(struct screen_start){.rows = 24,
		                           .columns = columns,
		                           .argv = (const char *[]){TEST_BUILD "/hostel", "--engine", engine, "ls", NULL}});
		size_t shown = 0;

		assert_int_equal(screen_ended(s), 0);
		for (int row = 0; row < 24; row++)
			shown += strstr(screen_row(s, row), "guest  running") != NULL;
		if (shown != ARRAY_SIZE(names)) {
			screen_print(s, stderr);
			fail_msg("%zu of %zu guests with their state in %d columns", shown, ARRAY_SIZE(names), columns);
		}
		assert_true(screen_find(s, "nnn…", NULL) > 0 && screen_find(s, "web ", NULL) > 0);
	}
	unlink(path);
}

static void without_colours_everything_is_still_said(void **state)
{
	auto_screen *s = open_dashboard((struct opening){
	    .rows = 36, .columns = 120, .environ = (const char *[]){"COLORTERM=truecolor", "NO_COLOR=1", NULL}});

	screen_keys(s, "Down Space");
	expect(s, "▌ build-1 ");
	expect(s, "•batch-1 ");
	expect(s, "? Help"); // the frame's last line
	int row = screen_find(s, "▌ build-1 ", NULL), column = 0;
	assert_false(screen_coloured(s));
	assert_true(screen_cell(s, row, 4).reverse);
	row = screen_find(s, "•batch-1 ", NULL);
	assert_true(screen_cell(s, row, 3).bold);
	row = screen_find(s, "✗ OOM 137", &column);
	assert_true(screen_cell(s, row, column).bold);
	row = screen_find(s, "1 All 12", &column);
	assert_true(screen_cell(s, row, column).reverse);
}

static void any_size_at_any_moment(void **state)
{
	static const int sizes[][2] = {{1, 1},   {24, 80}, {2, 10}, {200, 300}, {3, 3},
	                               {10, 40}, {1, 200}, {60, 1}, {36, 120}};
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});
	static const char *const views[] = {"?",   "x",  "C c", ": =theme Space Tab Tab", "/ =web", "D", "Enter",
	                                    "] ]", "F2", "J"};

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
	static const char line[] = "'" TEST_BUILD "/hostel' --engine fake:12,step,quiet\r"; // the path may have blanks
	auto_screen *s = screen_start(
	    &(struct screen_start){.rows = 24,
	                           .columns = 80,
	                           .argv = (const char *[]){"bash", "--norc", "--noprofile", "-i", NULL},
	                           .environ = (const char *[]){"PS1=ready> ", "ASAN_OPTIONS=detect_leaks=0", NULL}});
	expect(s, "ready>");
	screen_send(s, line, strlen(line));
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
	} rows[] = {{0, false, 0},           {SIGHUP, false, 0},       {SIGTERM, false, 143},
	            {SIGINT, false, 130},    {SIGSEGV, true, SIGSEGV}, {SIGABRT, true, SIGABRT},
	            {SIGQUIT, true, SIGQUIT}};

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
				fail_msg("signal %d: raw %d alternate %d mouse %d paste %d cursor %d", rows[i].number, modes.raw,
				         modes.alternate, modes.mouse, modes.paste, modes.cursor);
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

static bool has_ground(struct screen *s, const void *colour)
{
	return screen_cell(s, 9, 60).bg == *(const int32_t *)colour;
}

// The reply to what is asked at the start, whole and in pieces, and the environment.
static void a_light_terminal_gets_the_light_theme(void **state)
{
	static const char *const replies[] = {"\033]11;rgb:ffff/ffff/f0f0\033\\", "\033]11;rgb:ff/ff/f0\a"};
	static const char back[] = "\033]11;rgb:1010/1010/1010\033\\";
	static const int32_t light = 0x1fafafa, dark = SCREEN_DEFAULT;
	const char *const environ[] = {"COLORTERM=truecolor", "COLORFGBG=0;15", NULL}, *const plain[] = {environ[0], NULL};

	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		auto_screen *s = open_dashboard((struct opening){.environ = plain});

		assert_true(screen_sent(s, 0, "\033]11;?"));
		assert_true(has_ground(s, &dark));
		screen_send(s, replies[i], 9);
		screen_settle(s, i * 20); // far less than Esc waits, or nothing
		screen_send(s, replies[i] + 9, strlen(replies[i]) - 9);
		assert_true(screen_until(s, has_ground, &light));
		screen_send(s, back, strlen(back));
		assert_true(screen_until(s, has_ground, &dark));
		expect(s, "▌ api-1");
		expect(s, "1 All 12");
	}
	auto_screen *s = open_dashboard((struct opening){.environ = environ});
	assert_true(has_ground(s, &light));
	auto_screen *chosen = open_dashboard((struct opening){.environ = environ, .options = "--theme dark"});
	assert_true(has_ground(chosen, &dark));
}

static double brightness(int32_t colour)
{
	return (colour >> 16 & 0xff) * 0.299 + (colour >> 8 & 0xff) * 0.587 + (colour & 0xff) * 0.114;
}

// A theme for dark terminals that was chosen on a light one: no text is pale.
static void dark_themes_can_be_read_on_a_light_terminal(void **state)
{
	static const char *const themes[] = {"dark", "colour-blind", "high-contrast"};
	const char *const environ[] = {"COLORTERM=truecolor", "COLORFGBG=0;15", NULL};

	for (size_t i = 0; i < ARRAY_SIZE(themes); i++) {
		auto_free char *options = mem_printf("--theme %s", themes[i]);
		auto_screen *s = open_dashboard(
		    (struct opening){.rows = 36, .columns = 120, .environ = environ, .options = options});

		expect(s, "q Quit");
		for (int row = 0; row < 36; row++)
			for (int column = 0; column < 120; column++) {
				struct screen_cell cell = screen_cell(s, row, column);

				if (*cell.text > ' ' && cell.bg == SCREEN_DEFAULT && cell.fg > 0xffffff && brightness(cell.fg) > 175)
					fail_msg("%s: '%s' in row %d is #%06x", themes[i], cell.text, row, cell.fg & 0xffffff);
			}
	}
}

// Bytes per cursor move and per refresh at 120 × 40 with 1,000 workloads, in rows that are full of colours.
static void little_is_sent_for_a_move(void **state)
{
	enum { MOVES = 40 };
	auto_free char *path = write_configuration("[screen]\ninterval = 60s\n"),
	               *options = mem_printf("--config-file %s", path);
	auto_screen *s = open_dashboard(
	    (struct opening){.rows = 40, .columns = 120, .engine = "fake:1000,step,quiet", .options = options});

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
	assert_true(sizes[count / 2] <= 350);
	assert_true(sizes[count - 1] <= 600); // the pane follows
	unlink(path);
}

// With few workloads the pane is high, and almost all of its facts differ.
static void little_is_sent_for_a_move_with_a_high_pane(void **state)
{
	static const char *const names[] = {"batch-1", "build-1", "cache-1", "db-1", "flap-1", "job-1", "old-dos-1", "slow-1", "web-1"};
	auto_free char *path = write_configuration("[screen]\ninterval = 60s\n"),
	               *options = mem_printf("--config-file %s", path);
	auto_screen *s = open_dashboard(
	    (struct opening){.rows = 40, .columns = 120, .engine = "fake:10,past=20,quiet", .options = options});

	expect(s, "▌ api-1 ");
	expect(s, "labels ");
	screen_settle(s, 150);
	int label = screen_find(s, " labels ", NULL);
	size_t before = screen_bytes(s);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_free char *row = mem_printf("▌ %s ", names[i]), *title = mem_printf("─ %s ─", names[i]);

		screen_keys(s, "Down");
		expect(s, row);
		expect(s, title);
		screen_settle(s, 50); // the whole pane
		assert_int_equal(screen_find(s, " labels ", NULL), label); // lines stay in their places
	}
	size_t each = (screen_bytes(s) - before) / ARRAY_SIZE(names);
	print_message("%zu bytes per move with a high pane\n", each);
	assert_true(each <= 1000);
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
	assert_true(sizes[count - 1] <= 1900);
}

static void it_starts_with_a_wrong_terminal_or_configuration_by_a_word(void **state)
{
	struct screen *s =
	    screen_start(&(struct screen_start){.rows = 24,
	                                        .columns = 120,
	                                        .argv = (const char *[]){TEST_BUILD "/hostel", "--engine", "fake:3", NULL},
	                                        .environ = (const char *[]){"TERM=dumb", NULL}});
	expect(s, "has no cursor addressing");
	assert_int_equal(WEXITSTATUS(screen_ended(s)), 1);
	screen_stop(s);

	auto_free char *path = write_configuration("[keys]\ndown = q\n");
	s = screen_start(&(struct screen_start){
	    .rows = 24,
	    .columns = 160,
	    .argv = (const char *[]){TEST_BUILD "/hostel", "--engine", "fake:3", "--config-file", path, NULL}});
	auto_free char *place = mem_printf("%s:2: keys.down: q is already bound to 'leave'", path);
	expect(s, place);
	assert_int_equal(WEXITSTATUS(screen_ended(s)), 1);
	screen_stop(s);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_terminal_any_locale),
		cmocka_unit_test(the_same_picture_on_every_terminal_in_every_locale),
		cmocka_unit_test(an_unknown_terminal_is_drawn_all_the_same),
		cmocka_unit_test(a_locale_that_is_not_installed_is_utf8_by_its_name),
		cmocka_unit_test(names_keep_apart_in_seven_bits),
		cmocka_unit_test(one_long_name_does_not_blank_the_list),
		cmocka_unit_test(without_colours_everything_is_still_said),
		cmocka_unit_test(any_size_at_any_moment),
		cmocka_unit_test(suspended_and_back),
		cmocka_unit_test(every_end_leaves_the_terminal_whole_and_nobody_behind),
		cmocka_unit_test(a_stalled_terminal_gets_one_frame_then),
		cmocka_unit_test(a_light_terminal_gets_the_light_theme),
		cmocka_unit_test(dark_themes_can_be_read_on_a_light_terminal),
		cmocka_unit_test(little_is_sent_for_a_move),
		cmocka_unit_test(little_is_sent_for_a_move_with_a_high_pane),
		cmocka_unit_test(little_is_sent_for_a_refresh),
		cmocka_unit_test(it_starts_with_a_wrong_terminal_or_configuration_by_a_word),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	remove_latin1();
	return r;
}
