// The dashboard's list and panes: keys in, cells out, at every size.
#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "dashboard.h"

// The names of the rows from the first on, separated by blanks.
static char *names(struct screen *s)
{
	auto_str out = {0};
	int head = screen_find(s, "NAME", NULL);

	for (int row = head + 1; head >= 0; row++) {
		const char *line = screen_row(s, row);

		if (strncmp(line, "▌", strlen("▌")) == 0)
			line += strlen("▌");
		line += strspn(line, " •");
		size_t n = strcspn(line, " ");
		if (!n || strncmp(line, "─", strlen("─")) == 0 || *line == '?')
			break;
		str_addf(&out, "%s%.*s", out.length ? " " : "", (int)n, line);
	}
	return str_steal(&out);
}

static bool has_names(struct screen *s, const void *wanted)
{
	auto_free char *is = names(s);

	return strncmp(is, wanted, strlen(wanted)) == 0;
}

static void expect_names(struct screen *s, const char *wanted)
{
	if (screen_until(s, has_names, wanted))
		return;
	auto_free char *is = names(s);
	screen_print(s, stderr);
	fail_msg("'%s' instead of '%s'", is, wanted);
}

static void every_size_shows_what_fits(void **state)
{
	static const struct {
		int rows, columns;
		const char *shown[9], *hidden[6];
	} sizes[] = {
		{24, 80, {"hostel", "CPU ", "1 All 12", "NAME▲", "▌ api-1", "─ api-1 ─", "? Help", "q Quit"}, {"READ"}},
		{36, 120, {"2 Guests 5", "NET ↓", "KIND", "READ", "ISO", "RESTARTS", "Isolation", "command       api --listen :8080", "UP"},
		 {NULL}},
		{60, 200, {"hostel", "NET↓", "│─ api-1 ", "Overview", "created", "x Actions", ": Command", NULL}, {NULL}},
		{10, 40, {"NAME▲", "▌ api-1", "✗ OOM 137", "● running", "? Help", NULL},
		 {"hostel", "Overview", "Guests", NULL}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		auto_screen *s = open_dashboard((struct opening){.rows = sizes[i].rows, .columns = sizes[i].columns});

		for (size_t k = 0; k < ARRAY_SIZE(sizes[i].shown) && sizes[i].shown[k]; k++)
			expect(s, sizes[i].shown[k]);
		for (size_t k = 0; k < ARRAY_SIZE(sizes[i].hidden) && sizes[i].hidden[k]; k++)
			assert_int_equal(screen_find(s, sizes[i].hidden[k], NULL), -1);
		// the key line is the last one, and leaving is always on it
		expect_key_line(s, sizes[i].rows - 1);
	}
}

static void figures_come_and_are_the_scripted_ones(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	expect_row(s, "stubborn-1", "0.0 ");
	expect_row(s, "stubborn-1", "1.0M/32M   3%");
	expect_row(s, "db-1", "1.9G/2.0G");
	expect_row(s, "batch-1", "/1.0G");
	expect_row(s, "job-1", "◐ paused");
	expect_row(s, "old-dos-1", "○ off");
	expect_row(s, "api-1", "s ago");
	expect_row(s, "web-1", "10m");
	assert_null(strstr(row_of(s, "old-dos-1"), "0.0")); // what does not run has no figures
}

static void sorting_by_keys(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	expect_names(s, "api-1 batch-1 build-1 cache-1 crash-1 db-1");
	screen_keys(s, "I");
	expect(s, "NAME▼");
	expect_names(s, "web-1 stubborn-1 slow-1 old-dos-1");
	expect_row(s, "stubborn-1", "0.0 ");
	screen_keys(s, "P");
	expect(s, "CPU%▼");
	expect_names(s, "b"); // build-1 or batch-1, by the moment
	screen_keys(s, "M");
	expect(s, "MEM▼");
	expect_names(s, "slow-1 build-1 db-1");
	screen_keys(s, "A");
	expect_names(s, "api-1 batch-1");
	screen_keys(s, "F6 / =isol Enter");
	expect(s, "ISO▼");
	screen_keys(s, "A");
	screen_keys(s, ">");
	expect(s, "KIND▲");
	screen_keys(s, "<");
	expect(s, "NAME▲");
}

static void the_selection_stays_on_its_workload(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "job-1");
	screen_keys(s, "I");
	expect(s, "▌ job-1 ");
	expect(s, "─ job-1 ─");
	screen_keys(s, "P");
	expect(s, "CPU%▼");
	expect(s, "▌ job-1 ");
	screen_keys(s, "/ =job Enter");
	expect_names(s, "job-1");
	screen_keys(s, "Esc");
	expect_names(s, "b");
	expect(s, "▌ job-1 ");
	screen_keys(s, "3");
	expect(s, "▌ job-1 ");
	screen_keys(s, "2"); // it is not among the guests: another one is selected
	expect_gone(s, " job-1 ");
	expect(s, "▌ ");
}

static void each_kind_has_its_view(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 140});

	expect(s, "4 Images 4");
	expect(s, "5 Networks 2");
	screen_keys(s, "4");
	expect(s, "DIGEST");
	expect_gone(s, "CPU%");
	expect_row(s, "nginx:1.27", "sha256:4bc8f2a0c1d9…");
	expect_row(s, "nginx:1.27", "● used");
	expect_row(s, "valkey:8", "41M");
	go_to(s, "nginx:1.27");
	expect(s, "─ nginx:1.27 ─");
	expect(s, "sha256:4bc8f2a0c1d96e57b3a0f4d2e8c71695a3b2d4f6081c3e5a7b9d0f1e2c3a4b51"); // whole in the pane
	expect(s, "platform linux/amd64"); // its facts, under their names
	screen_keys(s, "s"); // no verb is for an image
	expect(s, "this kind of item can only be viewed");
	screen_keys(s, "/ =state:unused Enter");
	expect_gone(s, " nginx:1.27 ");
	expect(s, "debian:12");
	screen_keys(s, "Esc 5");
	expect_row(s, "default", "192.168.122.1/24");
	expect_row(s, "lab", "○ inactive");
	screen_keys(s, "0");
	expect(s, "Kinds");
	expect(s, "Interfaces");
	screen_keys(s, "4");
	expect(s, "valkey:8");
	screen_keys(s, "0 End Up Enter");
	expect(s, "Jobs 3");
	expect_row(s, "create container 'shop'", "62.0");
	expect_row(s, "create guest 'lab'", "was killed");
	screen_keys(s, "D"); // of one that runs
	expect(s, "Its unfinished files are removed.");
	screen_keys(s, "y");
	expect_row(s, "create container 'shop'", "cancelled");
	screen_keys(s, "x");
	expect(s, "hostel --engine");
	expect(s, "job rm 1");
	screen_keys(s, "Esc J");
	expect(s, "2  create guest 'lab': failed, was killed");
	screen_keys(s, "Down Enter"); // forgets it
	expect(s, "Jobs 2");
	screen_keys(s, "0 End Up Up Enter");
	expect(s, "Interfaces 12");
	expect_row(s, "eth0", "52:54:00:00:00:");
	screen_keys(s, "1");
	expect(s, "CPU%");
	expect_gone(s, "Interfaces 12");
	expect(s, "▌ ");
}

static bool pane_is_lower(struct screen *s, const void *row)
{
	return screen_find(s, "─ api-1 ─", NULL) > *(const int *)row + 1;
}

// "20/64" at the right end of the line with the tabs.
static bool pane_has_place(struct screen *s, const void *context)
{
	int row = screen_find(s, "Logs ", NULL);
	const char *line = row < 0 ? "" : screen_row(s, row), *slash = strrchr(line, '/');

	(void)context;
	return slash && slash > line && isdigit((unsigned char)slash[-1]) && isdigit((unsigned char)slash[1]);
}

// What is wrong is one key away, worst first, with its reason.
static void problems_have_their_view(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	expect(s, "! Problems 5"); // batch-1 is throttled: known from the second measurement on
	screen_keys(s, "G !");
	expect(s, "PROBLEM▼"); // that is the order
	assert_int_equal(screen_find(s, "NAME▲", NULL), -1);
	assert_int_equal(screen_find(s, " +", NULL), -1); // which columns there are was not chosen
	expect_names(s, "api-1 crash-1 db-1 slow-1 batch-1");
	expect(s, "▌ api-1 ");
	expect_row(s, "api-1", "failed: OOM (exit status 137)");
	expect_row(s, "crash-1", "crashed: kernel panic");
	expect_row(s, "db-1", "memory at 9");
	expect_row(s, "batch-1", "throttled 30% by its CPU limit");
	screen_keys(s, "1");
	expect_gone(s, "PROBLEM");
	// also where not all views have room
	auto_screen *small = open_dashboard((struct opening){0});
	expect(small, "! Problems 5");
}

// What is wrong among 40 workloads is told by at most two keys from the first screen, wherever the cursor was.
static void at_three_in_the_morning(void **state)
{
	static const char *const moves[] = {"", "G", "Down Down PgDn"};
	static const struct {
		const char *keys, *name, *text;
		bool first; // in the first row
	} faults[] = {
		{"P", "eater-1", " 79", true},         // takes the host's CPUs
		{"M", "leak-1", "G/16G", true},      // leaks memory
		{"!", "halted-1", "paused: disk I/O error", true},
		{"!", "flap-1", "restarts, last exit: exit status 1", false},
		{"!", "full-1", "its store is full", false},
		{"!", "leak-1", "memory at 9", false},
	};

	for (size_t m = 0; m < ARRAY_SIZE(moves); m++)
		for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
			auto_screen *s = open_dashboard((struct opening){
			    .rows = 50, .columns = 120, .engine = "fake:40,step,faults", .configuration = SHORT_INTERVAL});

			screen_keys(s, moves[m]);
			screen_keys(s, faults[i].keys);
			if (faults[i].first)
				expect_names(s, faults[i].name);
			expect_row(s, faults[i].name, faults[i].text);
		}
}

// At 24 rows, too: a page further is the second key.
static void at_three_in_the_morning_on_a_small_screen(void **state)
{
	static const struct {
		const char *name, *text;
	} faults[] = {{"halted-1", "paused: disk I/O error"},
	              {"flap-1", "restarts, last exit: exit"},
	              {"full-1", "its store is full"},
	              {"leak-1", "memory at 9"},
	              {"crash-1", "crashed: kernel panic"}};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		auto_screen *s = open_dashboard((struct opening){.engine = "fake:40,step,faults", .configuration = SHORT_INTERVAL});

		screen_keys(s, "!");
		expect(s, "halted-1");
		if (!strstr(row_of(s, faults[i].name), faults[i].text))
			screen_keys(s, "G");
		expect_row(s, faults[i].name, faults[i].text);
	}
}

// An engine that stops answering: its rows stay, dimmed, and are a problem with its reason.
static void an_engine_that_dies_is_a_problem(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .engine = "fake:12,step,quiet,dies"});

	screen_keys(s, "!");
	expect_row(s, "web-1", "figures are old: no answer from fake");
	expect(s, "fake: no answer since");
	expect_row(s, "api-1", "failed: OOM"); // what was wrong before is still told
}

// After a sort key the first row is in view, whatever is selected; the key line says where that is.
static void sorting_shows_the_first_row(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 24, .columns = 100, .engine = "fake:40,step,quiet"});

	go_to(s, "job-1");
	screen_keys(s, "I");
	expect(s, "NAME▼");
	expect_names(s, "web-3 web-2");
	expect(s, "job-1 is in row ");
	expect(s, "(g: top)");
	assert_int_equal(screen_find(s, "▌", NULL), -1);
	expect(s, "─ job-1 ─"); // it is still what the pane is about
	screen_keys(s, "Down");
	expect(s, "▌ flap-3 ");
	expect_gone(s, "is in row");
	screen_keys(s, "I I g");
	expect(s, "▌ web-3 ");
	expect_gone(s, "is in row");
}

// What the list does not need is the pane's; its own keys still make it less.
static void spare_rows_are_the_panes(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	expect(s, "load ");
	expect(s, " web-1 ");
	expect(s, "─ api-1 ─");
	int last = screen_find(s, " web-1 ", NULL);
	assert_int_equal(screen_find(s, "─ api-1 ─", NULL), last + 1);
	screen_keys(s, "/ =zzz"); // a filter does not move it
	expect(s, "No matches");
	screen_keys(s, "Esc");
	expect(s, " web-1 ");
	expect(s, "─ api-1 ─");
	assert_int_equal(screen_find(s, "─ api-1 ─", NULL), last + 1);
	screen_keys(s, "_ _");
	assert_true(screen_until(s, pane_is_lower, &last));
}

static void long_lists_and_texts_say_where_one_is(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.engine = "fake:159,step,quiet"});

	expect(s, " 1/159");
	screen_keys(s, "j j");
	expect(s, " 3/159");
	screen_keys(s, "G");
	expect(s, " 159/159");
	auto_screen *all = open_dashboard((struct opening){.rows = 36, .columns = 120});
	expect(all, " web-1 ");
	assert_int_equal(screen_find(all, "/12 ", NULL), -1);
	go_to(all, "web-1");
	screen_keys(all, "l g");
	expect(all, "Logs ");
	assert_true(screen_until(all, pane_has_place, NULL));
}

static void where_columns_are_few_the_kind_is_short(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.columns = 70});

	expect_row(s, "api-1", " CT ");
	expect_row(s, "build-1", " VM ");
	assert_int_equal(screen_find(s, " 60s", NULL), -1);
}

// Where the cells beside it have nothing to say, a reason is not cut.
static void a_reason_has_the_room_of_missing_figures(void **state)
{
	static const int sizes[][2] = {{24, 80}, {36, 120}, {60, 200}};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		auto_screen *s = open_dashboard((struct opening){.rows = sizes[i][0], .columns = sizes[i][1]});

		screen_keys(s, "/ =crash Enter");
		expect_row(s, "crash-1", "✗ crashed kernel panic ");
	}
}

// The lines of headings and of keys are set off from what they are beside, and the sorted column in its line.
static void the_lines_around_the_list_have_a_ground(void **state)
{
	const char *const *const environs[] = {(const char *const[]){"COLORTERM=truecolor", NULL},
	                                              (const char *const[]){"TERM=xterm", NULL},
	                                              (const char *const[]){"NO_COLOR=1", NULL}};

	for (size_t i = 0; i < ARRAY_SIZE(environs); i++) {
		auto_screen *s = open_dashboard((struct opening){.environ = environs[i]});
		int sorted, other, heading = screen_find(s, "NAME▲", &sorted);

		expect_key_line(s, 23);
		screen_find(s, "STATE", &other);
		struct screen_cell key = screen_cell(s, 23, 0), above = screen_cell(s, 22, 0),
		                   head = screen_cell(s, heading, other), lit = screen_cell(s, heading, sorted);
		assert_true(key.bg != above.bg || key.reverse != above.reverse);
		assert_true(head.bg != above.bg || head.underline);
		assert_true(lit.bg != head.bg || lit.reverse != head.reverse);
	}
}

static void moving(void **state)
{
	auto_screen *s = open_dashboard((struct opening){0});

	screen_keys(s, "j j Down");
	expect(s, "▌ cache-1 ");
	screen_keys(s, "k");
	expect(s, "▌ build-1 ");
	screen_keys(s, "G");
	expect(s, "▌ web-1 ");
	screen_keys(s, "j");
	screen_keys(s, "g");
	expect(s, "▌ api-1 ");
	screen_keys(s, "PgDn PgDn PgDn");
	expect(s, "▌ web-1 ");
	screen_keys(s, "Home");
	expect(s, "▌ api-1 ");
}

static bool pane_is_about_cache(struct screen *s, const void *context)
{
	(void)context;
	return screen_find(s, "▌ cache-1 ", NULL) >= 0 && screen_find(s, "─ cache-1 ─", NULL) >= 0;
}

// While a key is held down the pane waits, and catches up without anything else happening.
static void the_pane_catches_up(void **state)
{
	char path[] = "/tmp/hostel-conf-XXXXXX";
	auto_close int fd = mkstemp(path);
	static const char text[] = "[screen]\ninterval = 60s\n";
	assert_true(fd >= 0 && write(fd, text, sizeof(text) - 1) > 0);
	auto_free char *options = mem_printf("--config-file %s", path);
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .options = options});

	screen_send(s, "jjj", 3);
	assert_true(screen_until(s, pane_is_about_cache, NULL));
	unlink(path);
}

static void filtering_while_typing(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "/ =stub");
	expect_names(s, "stubborn-1");
	expect(s, "/ stub  (1 of 12)");
	screen_keys(s, "Ctrl-U =state:running");
	screen_keys(s, "Space =kind:guest Enter");
	expect_names(s, "build-1 db-1 slow-1");
	screen_keys(s, "/ Ctrl-U =!web Enter");
	expect_gone(s, " web-1 ");
	screen_keys(s, "/ Ctrl-U =mem>2900M Enter");
	expect_names(s, "build-1 slow-1");
	screen_keys(s, "/ Ctrl-U =nothing-like-it");
	expect(s, "No matches.");
	screen_keys(s, "Esc"); // what was before
	expect_names(s, "build-1 slow-1");
	screen_keys(s, "Esc");
	expect_names(s, "api-1 batch-1");
	screen_keys(s, "/ =cpu>much");
	expect(s, "is a percentage");
	screen_keys(s, "Esc");
	expect(s, "▌ api-1");
}

static void marks(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "Space j Space");
	expect(s, "2 marked");
	expect(s, "•api-1 ");
	expect(s, "•build-1 ");
	screen_keys(s, "j Ctrl-Space");
	expect(s, "4 marked");
	screen_keys(s, "*");
	expect(s, "8 marked");
	screen_keys(s, "P");
	expect(s, "8 marked");
	screen_keys(s, "U");
	expect_gone(s, "marked");
	screen_keys(s, "Space Esc");
	expect_gone(s, "marked");
}

static bool pane_above(struct screen *s, const void *row)
{
	int at = screen_find(s, "─ web-1 ─", NULL);

	return at >= 0 && at < *(const int *)row;
}

static bool pane_below(struct screen *s, const void *row)
{
	return screen_find(s, "─ web-1 ─", NULL) > *(const int *)row;
}

static void tabs_and_the_whole_screen(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	expect(s, "load ");
	go_to(s, "web-1");
	expect(s, "nginx -g daemon off;");
	screen_keys(s, "]");
	expect_gone(s, "nginx -g daemon off;");
	screen_keys(s, "]");
	expect(s, "GET /");
	screen_keys(s, "] ]");
	expect(s, "seccomp");
	screen_keys(s, "[ [ [ [");
	expect(s, "nginx -g daemon off;");
	screen_keys(s, "[");
	expect(s, "No events since hostel was opened.");
	screen_keys(s, "] Enter");
	expect_gone(s, "NAME");
	expect(s, "nginx -g daemon off;");
	screen_keys(s, "Esc");
	expect(s, "NAME▲");
	assert_true(screen_until(s, pane_below, &(int){10}));
	int before = screen_find(s, "─ web-1 ─", NULL);
	screen_keys(s, "+");
	assert_true(screen_until(s, pane_above, &before));
	screen_keys(s, "_ _");
	assert_true(screen_until(s, pane_below, &before));
}

static void logs_follow_until_one_scrolls_up(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 24, .columns = 80});

	go_to(s, "web-1");
	screen_keys(s, "l");
	expect(s, "web-1[");
	expect_gone(s, "NAME");
	screen_settle(s, 300);
	auto_free char *last = mem_strdup(screen_row(s, 21));
	screen_keys(s, "Up Up Up");
	expect_gone(s, last);
	screen_keys(s, "G");
	expect(s, last);
	screen_keys(s, "& =health Enter");
	expect(s, "GET /health");
	expect_gone(s, "queue length");
	screen_keys(s, "Esc Esc");
	expect(s, "NAME▲");
}

static void help_lists_the_keys_and_runs_what_is_picked(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "?");
	expect(s, "Help: the keys here");
	expect(s, "j Down");
	screen_keys(s, "/ =order Enter");
	expect_gone(s, "Help: the keys here");
	expect(s, "frozen");
	screen_keys(s, "h Esc");
	expect_gone(s, "Help: the keys here");
	screen_keys(s, "Z");
	expect_gone(s, "frozen ");
}

// After a sort key the first row is in view, and the footer says where the selected one is; F keeps it in view.
static void the_selection_is_followed(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.engine = "fake:40,step,quiet", .until = "M/1.0G"});

	screen_keys(s, "j k M"); // with figures, a row chosen by hand stays selected
	expect(s, "api-1 is in row ");
	assert_int_equal(screen_find(s, "▌", NULL), -1);
	screen_keys(s, "F");
	expect(s, "following ");
	expect(s, "▌");
	screen_keys(s, "A");
	expect_gone(s, "F: stop following");
	expect(s, "▌");
	screen_keys(s, "M");
	expect(s, "▼");
	expect(s, "▌");
	screen_keys(s, "F");
	expect(s, "no longer followed");
	expect_gone(s, "following ");
	screen_keys(s, "G M g");
	expect(s, "▌");
	screen_keys(s, "q");
	assert_int_equal(screen_ended(s), 0);
}

static void the_command_line(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, ": =sort Space =-mem Enter");
	expect_names(s, "slow-1 build-1");
	screen_keys(s, ": =thme Space =x Enter");
	expect(s, "did you mean :theme?");
	screen_keys(s, ": =the Tab =no Tab Enter");
	expect_gone(s, ":theme");
	screen_keys(s, ": Up");
	expect(s, "theme nord");
	screen_keys(s, "Up Up");
	expect(s, ":sort -mem");
	screen_keys(s, "Esc");
	screen_keys(s, ": =self Enter");
	expect(s, "to the terminal in");
	screen_keys(s, ": =w Space =/nonexistent/file Enter");
	expect(s, "this tab has no text");
	screen_keys(s, ": =theme Space =no-such Enter");
	expect(s, "unknown theme 'no-such'");
	screen_keys(s, ": =q Enter");
	assert_int_equal(screen_ended(s), 0);
}

static bool has_background(struct screen *s, const void *colour)
{
	return screen_cell(s, 8, 10).bg == *(const int32_t *)colour;
}

static void themes_change_what_is_seen(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.environ = (const char *[]){"COLORTERM=truecolor", NULL}});

	assert_int_equal(screen_cell(s, 8, 10).bg, SCREEN_DEFAULT);
	screen_keys(s, ": =theme Space =nord Enter");
	assert_true(screen_until(s, has_background, &(int32_t){0x12e3440}));
	screen_keys(s, ": =theme Space =dark Enter");
	assert_true(screen_until(s, has_background, &(int32_t){SCREEN_DEFAULT}));
	auto_screen *light = open_dashboard((struct opening){.environ = (const char *[]){"COLORTERM=truecolor", NULL},
	                                                     .options = "--theme solarized-light"});
	assert_int_equal(screen_cell(light, 8, 10).bg, 0x1fdf6e3);
}

static void write_theme(const char *path, const char *background)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "[roles]\ntext = #ffffff on %s\n", background);
	assert_int_equal(fclose(file), 0);
}

static void a_theme_is_read_again_when_it_is_saved(void **state)
{
	char path[] = "/tmp/hostel-theme-XXXXXX";
	auto_close int fd = mkstemp(path);

	assert_true(fd >= 0);
	write_theme(path, "#102030");
	auto_free char *options = mem_printf("--theme %s", path);
	auto_screen *s =
	    open_dashboard((struct opening){.options = options, .environ = (const char *[]){"COLORTERM=truecolor", NULL}});
	assert_true(screen_until(s, has_background, &(int32_t){0x1102030}));
	write_theme(path, "#405060");
	assert_true(screen_until(s, has_background, &(int32_t){0x1405060}));
	assert_int_equal(truncate(path, 0), 0); // as an editor begins to write it anew
	screen_settle(s, 300);
	assert_int_equal(screen_cell(s, 8, 10).bg, 0x1405060);
	write_theme(path, "blurple"); // a mistake is said, and the old one stays
	expect(s, "blurple");
	assert_int_equal(screen_cell(s, 8, 10).bg, 0x1405060);
	unlink(path);
}

// Under its heading, and still selected.
static bool is_gathered(struct screen *s, const void *context)
{
	int head = screen_find(s, "  paused  1", NULL);

	(void)context;
	return head >= 0 && screen_find(s, "▌ job-1 ", NULL) == head + 1;
}

static void gathered_in_groups(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120});

	go_to(s, "job-1");
	screen_keys(s, "t s");
	assert_true(screen_until(s, is_gathered, NULL));
	expect(s, "running  8");
	screen_keys(s, "F5 n");
	expect_names(s, "api-1 batch-1 build-1");
	expect(s, "▌ job-1 ");
}

static void logs_of_several(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 30, .columns = 110});

	go_to(s, "web-1");
	screen_keys(s, "Space");
	go_to(s, "db-1");
	screen_keys(s, "Space");
	go_to(s, "web-1");
	screen_keys(s, "l");
	expect(s, "2 marked ─"); // each is read by itself: whose lines are the last ones is a matter of luck
	screen_keys(s, "& =web-1 Enter");
	expect(s, "web-1 | web-1[");
	screen_keys(s, "& Ctrl-U =db-1 Enter");
	expect(s, "db-1  | db-1[");
	screen_keys(s, "Esc");
	expect(s, "2 marked");
}

static void the_mouse(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	assert_true(screen_modes(s).mouse);
	expect(s, " db-1 ");
	int row = screen_find(s, " db-1 ", NULL), column = 0;
	auto_free char *click = mem_printf("\033[<0;5;%dM\033[<0;5;%dm", row + 1, row + 1);
	screen_send(s, click, strlen(click));
	expect(s, "▌ db-1 ");
	row = screen_find(s, "CPU%", &column);
	auto_free char *head = mem_printf("\033[<0;%d;%dM", column + 2, row + 1);
	screen_send(s, head, strlen(head));
	expect(s, "CPU%▼");
	row = screen_find(s, "3 Containers", &column);
	auto_free char *view = mem_printf("\033[<0;%d;%dM", column + 2, row + 1);
	screen_send(s, view, strlen(view));
	expect_gone(s, " db-1 ");
	row = screen_find(s, "Graphs", &column);
	auto_free char *tab = mem_printf("\033[<0;%d;%dM", column + 2, row + 1);
	screen_send(s, tab, strlen(tab));
	expect_gone(s, "State  ");
	// over SSH the terminal keeps its own selection of text
	auto_screen *far = open_dashboard((struct opening){.environ = (const char *[]){"SSH_CONNECTION=1 2 3 4", NULL}});
	assert_false(screen_modes(far).mouse);
	screen_keys(far, "m");
	expect(far, "mouse on");
	assert_true(screen_modes(far).mouse);
}

static void a_double_click_opens(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	expect(s, " db-1 ");
	int row = screen_find(s, " db-1 ", NULL);
	auto_free char *click = mem_printf("\033[<0;5;%dM\033[<0;5;%dm", row + 1, row + 1),
	               *twice = mem_printf("%s%s", click, click);
	screen_send(s, click, strlen(click));
	expect(s, "▌ db-1 ");
	screen_settle(s, 600); // longer than between two that belong together
	screen_send(s, click, strlen(click));
	screen_keys(s, "/ =db"); // still in the list
	expect(s, "1 of 12");
	screen_keys(s, "Esc");
	expect(s, " web-1 ");
	screen_send(s, twice, strlen(twice));
	expect_gone(s, "NAME▲"); // the pane has the whole screen
	expect(s, "db-1");
	screen_keys(s, "Esc");
	expect(s, "NAME▲");
}

// A turn of the wheel over TEXT.
static void wheel_at(struct screen *s, const char *text, bool down)
{
	int column = 0, row;

	expect(s, text);
	row = screen_find(s, text, &column);
	auto_free char *wheel = mem_printf("\033[<%d;%d;%dM", down ? 65 : 64, column + 1, row + 1);
	screen_send(s, wheel, strlen(wheel));
}

static void the_wheel_moves_what_is_under_it(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 24, .columns = 100, .engine = "fake:60,step,quiet"});

	expect(s, "▌ api-1 ");
	wheel_at(s, " api-2 ", true);
	expect(s, "▌ api-4 ");
	wheel_at(s, " api-2 ", false);
	expect(s, "▌ api-1 ");
	go_to(s, "web-1");
	click_at(s, "Logs", 1);
	expect(s, "web-1[");
	screen_settle(s, 300);
	auto_free char *last = mem_strdup(screen_row(s, 22));
	wheel_at(s, last + 1, false); // in the pane
	expect_gone(s, last);
	expect(s, "▌ web-1 ");
	screen_keys(s, "Esc x");
	expect(s, "Describe");
	wheel_at(s, "Logs", true); // in a menu
	screen_keys(s, "Esc C c");
	expect(s, "Create a container");
	wheel_at(s, "Name", true); // in a form: the next field
	screen_keys(s, "=typed");
	expect(s, "typed");
	screen_keys(s, "Esc");
}

static void menus_views_and_the_key_line_are_clicked(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});
	int row, column = 0;

	expect(s, " db-1 ");
	row = screen_find(s, " db-1 ", &column);
	auto_free char *right = mem_printf("\033[<2;%d;%dM", column + 2, row + 1);
	screen_send(s, right, strlen(right)); // the menu of actions
	expect(s, "console db-1");
	click_at(s, "Describe", 1);
	expect_gone(s, "console db-1");
	expect(s, "Own storage");
	screen_keys(s, "Esc Esc");
	click_at(s, "! Problems", 1);
	expect(s, "PROBLEM");
	click_at(s, "1 All", 1);
	expect_gone(s, "PROBLEM");
	click_at(s, "? Help", 1);
	expect(s, "Help: the keys");
	screen_keys(s, "Esc");
	expect(s, "? Help  / Filter"); // the menu's key line has such an entry, too
	click_at(s, "/ Filter", 1);
	screen_keys(s, "=db Enter");
	expect(s, "1 of 12");
	screen_keys(s, "Esc");
	click_at(s, "q Quit", 1);
	assert_int_equal(screen_ended(s), 0);
}

static void many_workloads(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .engine = "fake:1000,step,quiet"});

	expect(s, "1 All 1000");
	screen_keys(s, "G");
	expect(s, "▌ web-72 ");
	screen_keys(s, "/ =web-7 Enter");
	expect_names(s, "web-7 web-70 web-71 web-72");
	screen_keys(s, "Esc");
	expect(s, "▌ web-72 ");
}

struct frame_side {
	int row;
	const char *glyph;
};

static bool frame_has(struct screen *s, const void *context)
{
	const struct frame_side *side = context;

	return strcmp(screen_cell(s, side->row, 0).text, side->glyph) == 0;
}

// On large screens, where each CPU has room.
static void each_cpu_has_a_meter(void **state)
{
	static const struct {
		const char *engine;
		int rows, columns, meters; // the rows of the meters
		const char *first, *last;  // in the first and the last of them
	} sizes[] = {
		{"fake:12,step,quiet", 36, 120, 2, " 0 ", " 3 "},
		{"fake:12,step,quiet", 35, 120, 0, NULL, NULL},
		{"fake:12,step,quiet", 36, 119, 0, NULL, NULL},
		{"fake:110,step,quiet", 36, 120, 0, NULL, NULL}, // 32 CPUs
		{"fake:110,step,quiet", 60, 200, 2, "CPUs", "0-31"},
		{"fake:90,step,quiet", 60, 200, 6, " 24 ", " 23 "},
		{"fake:1000,step,quiet", 60, 120, 2, "busiest", "0-287"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		auto_screen *s = open_dashboard((struct opening){.rows = sizes[i].rows, .columns = sizes[i].columns,
		                                                 .engine = sizes[i].engine});

		int at = 5, last = at + sizes[i].meters - 1; // below the title, the frame's edge and the graph
		if (!screen_until(s, frame_has, &(struct frame_side){last + 1, "╰"})) {
			screen_print(s, stderr);
			fail_msg("%s on %d rows: the panel does not end in row %d", sizes[i].engine, sizes[i].rows, last + 1);
		}
		if (!sizes[i].meters)
			continue;
		assert_non_null(strstr(screen_row(s, at), sizes[i].first));
		assert_non_null(strstr(screen_row(s, last), sizes[i].last));
		expect(s, "100%");
	}
}

static void meters_can_be_switched_off(void **state)
{
	auto_free char *path = write_configuration("[screen]\ncpu-meters = no\n"),
	               *options = mem_printf("--config-file %s", path);
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .options = options});

	assert_true(screen_until(s, frame_has, &(struct frame_side){5, "╰"}));
	screen_keys(s, "F2");
	expect(s, "CPU meters");
	screen_keys(s, "Down Down Down Down Right F10");
	expect(s, "saved in");
	assert_true(screen_until(s, frame_has, &(struct frame_side){7, "╰"}));
	unlink(path);
}

static void the_overview_says_when_it_ended(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .engine = "fake:12,past=20,quiet"});

	go_to(s, "api-1");
	expect(s, "ended         ");
	expect(s, " ago");
	expect(s, "state         exited 137 OOM  problem failed: OOM (exit status 137)");
	go_to(s, "web-1");
	expect(s, "up            ");
}

// Guests and containers together, with figures of each interface.
static void a_network_shows_who_is_on_it(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 50, .columns = 120});

	expect(s, " web-1 ");
	screen_keys(s, "5");
	expect(s, "192.168.122.1/24");
	go_to(s, "default");
	expect(s, " connected ");
	int at = 0;
	screen_find(s, "received     sent", &at);
	assert_int_equal(at, 120 - 18); // the addresses get the rest, also IPv6
	expect_row(s, "db-1", "guest      eth0");
	expect_row(s, "web-1", "container  eth0");
	expect_row(s, "web-1", "k");     // its traffic
	assert_null(strstr(row_of(s, "web-1"), "–"));
	assert_int_equal(screen_find(s, " old-dos-1 ", NULL), -1); // off
}

// References are shown by kind and name, not by id.
static void items_are_named_not_numbered(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 50, .columns = 120});

	go_to(s, "web-1");
	expect(s, "networks      default");
	expect(s, "uses          volume pages");
	assert_int_equal(screen_find(s, "network default", NULL), -1); // networks have a line of their own
	screen_keys(s, "0 / =Disks Enter");
	expect(s, "/images/slow-1.qcow2");
	screen_keys(s, "g");
	expect(s, "owner     guest slow-1");
	(void)state;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_shows_who_is_on_it),
		cmocka_unit_test(items_are_named_not_numbered),
		cmocka_unit_test(each_cpu_has_a_meter),
		cmocka_unit_test(meters_can_be_switched_off),
		cmocka_unit_test(the_overview_says_when_it_ended),
		cmocka_unit_test(every_size_shows_what_fits),
		cmocka_unit_test(figures_come_and_are_the_scripted_ones),
		cmocka_unit_test(sorting_by_keys),
		cmocka_unit_test(the_selection_stays_on_its_workload),
		cmocka_unit_test(each_kind_has_its_view), cmocka_unit_test(problems_have_their_view),
		cmocka_unit_test(at_three_in_the_morning),
		cmocka_unit_test(at_three_in_the_morning_on_a_small_screen),
		cmocka_unit_test(an_engine_that_dies_is_a_problem),
		cmocka_unit_test(sorting_shows_the_first_row),
		cmocka_unit_test(spare_rows_are_the_panes),
		cmocka_unit_test(long_lists_and_texts_say_where_one_is),
		cmocka_unit_test(where_columns_are_few_the_kind_is_short),
		cmocka_unit_test(a_reason_has_the_room_of_missing_figures),
		cmocka_unit_test(the_lines_around_the_list_have_a_ground),
		cmocka_unit_test(moving),
		cmocka_unit_test(the_pane_catches_up),
		cmocka_unit_test(filtering_while_typing),
		cmocka_unit_test(marks),
		cmocka_unit_test(tabs_and_the_whole_screen),
		cmocka_unit_test(logs_follow_until_one_scrolls_up),
		cmocka_unit_test(help_lists_the_keys_and_runs_what_is_picked),
		cmocka_unit_test(the_selection_is_followed),
		cmocka_unit_test(the_command_line),
		cmocka_unit_test(themes_change_what_is_seen),
		cmocka_unit_test(a_theme_is_read_again_when_it_is_saved),
		cmocka_unit_test(gathered_in_groups),
		cmocka_unit_test(logs_of_several),
		cmocka_unit_test(the_mouse),
		cmocka_unit_test(a_double_click_opens),
		cmocka_unit_test(the_wheel_moves_what_is_under_it),
		cmocka_unit_test(menus_views_and_the_key_line_are_clicked),
		cmocka_unit_test(many_workloads),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
