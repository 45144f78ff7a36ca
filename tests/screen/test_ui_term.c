// ui/term on a terminal emulator: what is drawn arrives cell by cell, little is sent, and the terminal is whole after
// every end.
#include "ui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#include "../unit/test.h"
#include "harness.h"

// A scene is a picture that the child draws and the test compares with: the same for the same number and size.
static void paint(struct canvas *c, unsigned scene)
{
	static const char *const texts[] = {
	    "plain", "漢字", "e\xcc\x81t\xcc\x82",       "─│┌",          "⣀⣿",       "•",
	    "x",     "한글", "longer text that is here", "\xee\x80\x80", "\xcd\xb8", "\xf0\x9d\x84\x9e"};
	uint32_t random = scene * 2654435761u + 1;

	canvas_clear(c);
	area_printf(canvas_area(c), 0, 0, PEN(ROLE_TAB), "scene %u.", scene);
	if (scene == 0)
		return;
	for (int i = 0; i < 40; i++) {
		random = random * 1664525 + 1013904223;
		int row = 1 + (int)(random >> 8) % (c->rows > 1 ? c->rows - 1 : 1),
		    column = (int)(random >> 16 & 0x7fff) % c->columns;
		area_text(canvas_area(c), row, column, -1,
		          (struct pen){.role = (uint8_t)(random % ROLE_COUNT), .back = random & 64 ? ROLE_SELECTION : 0},
		          texts[(random >> 4) % ARRAY_SIZE(texts)]);
	}
}

static volatile sig_atomic_t resized;

static void on_resize(int number)
{
	(void)number;
	resized = 1;
}

// What 'f' makes it do: draw so many scenes without waiting, and count them where the test sees it.
struct flood {
	atomic_uint drawn;
	unsigned wanted;
};

static void draw(struct term *t, struct canvas *c, unsigned scene)
{
	int rows, columns;

	term_size(t, &rows, &columns);
	canvas_resize(c, rows, columns);
	c->glyphs = term_caps(t).glyphs;
	paint(c, scene);
	term_draw(t, c, NULL);
}

static void show_key(struct term *t, struct canvas *c, uint32_t code)
{
	char name[KEY_NAME];

	canvas_clear(c);
	area_printf(canvas_area(c), 0, 0, PEN(ROLE_TEXT), "key %s.", key_format(name, code));
	term_draw(t, c, NULL);
}

// Does what a key says. Returns false to end.
static bool obey(struct term *t, struct canvas *c, struct flood *flood, unsigned *scene, uint32_t code)
{
	switch (code) {
	case 'q':
		return false;
	case 'n':
		draw(t, c, ++*scene);
		break;
	case 'd': // the same again
		draw(t, c, *scene);
		break;
	case 'f':
		for (; flood->drawn < flood->wanted; atomic_fetch_add(&flood->drawn, 1))
			draw(t, c, ++*scene);
		break;
	case 'z':
		term_suspend(t);
		raise(SIGSTOP);
		term_resume(t, NULL);
		draw(t, c, *scene);
		break;
	case 'r':
		term_redraw(t);
		draw(t, c, *scene);
		break;
	case 't':
		term_title(t, "host\033]0;evil\a");
		draw(t, c, ++*scene);
		break;
	case 'w':
		term_alert(t, "a\033]52;c;\ab");
		draw(t, c, ++*scene);
		break;
	case 'y':
		term_copy(t, "he\033llo\n", 7, NULL);
		break;
	case 'm':
		term_mouse(t, true);
		draw(t, c, ++*scene);
		break;
	case 'x':
		exit(7);
	case 'g':
		raise(SIGSEGV);
		break;
	case 'b':
		abort();
	default:
		show_key(t, c, code);
	}
	return true;
}

// The program on the screen.
static int run(struct flood *flood)
{
	struct err e = {0};
	struct canvas c;
	unsigned scene = 0;
	bool going = true, waiting = false;

	setlocale(LC_CTYPE, "");
	sigset_t winch, none;
	sigemptyset(&none);
	sigemptyset(&winch);
	sigaddset(&winch, SIGWINCH);
	sigprocmask(SIG_BLOCK, &winch, NULL); // comes only while waiting
	signal(SIGWINCH, on_resize);
	struct term *t = term_open(0, 1, &(struct term_options){0}, &e);
	if (!t) {
		printf("no: %s.\n", e.text);
		return 1;
	}
	canvas_init(&c, 1, 1, term_caps(t).glyphs);
	draw(t, &c, 0);
	while (going) {
		struct pollfd ready[] = {{.fd = 0, .events = POLLIN}, {.fd = 1, .events = term_pending(t) ? POLLOUT : 0}};
		struct key key;

		struct timespec delay = {.tv_nsec = TERM_ESC_DELAY_MS * 1000000L};
		int came = ppoll(ready, 2, waiting ? &delay : NULL, &none);
		if (came < 0 && errno != EINTR)
			break;
		if (came < 0)
			ready[0].revents = ready[1].revents = 0;
		if (resized) {
			resized = 0;
			term_redraw(t);
			draw(t, &c, scene);
		}
		bool final = waiting && came == 0;
		if (ready[0].revents && term_read(t, NULL) < 0)
			break;
		while (going && term_key(t, final, &key))
			going = obey(t, &c, flood, &scene, key.code);
		waiting = term_key_waits(t);
		if (term_pending(t) && (ready[1].revents & POLLOUT) && term_flush(t, NULL) == 1)
			draw(t, &c, scene); // what was left out while the line was slow
	}
	canvas_done(&c);
	term_close(t);
	return 0;
}

// This program again, as the one on the screen. FLOOD is the descriptor of the memory shared with it, -1: none.
static struct screen *start_with(int flood, int rows, int columns, const char *const *environ)
{
	auto_free char *number = mem_printf("%d", flood);
	auto_strv all = {0};

	// curses keeps memory to its end, and crashes are wanted here: neither is for the sanitizers to report
	strv_add(&all, "ASAN_OPTIONS=handle_segv=0:handle_abort=0:handle_sigbus=0:detect_leaks=0");
	for (; environ && *environ; environ++)
		strv_add(&all, *environ);
	return screen_start(&(struct screen_start){.rows = rows,
	                                           .columns = columns,
	                                           .environ = (const char *const *)all.items,
	                                           .argv = (const char *[]){"/proc/self/exe", "--child", number, NULL}});
}

static struct screen *start(int rows, int columns, const char *const *environ)
{
	return start_with(-1, rows, columns, environ);
}

static void auto_screen_run(struct screen **s)
{
	screen_stop(*s);
}
#define auto_screen AUTO(screen) struct screen

// Whether a cell looks as the default theme says. Of a blank only what is seen of it.
static bool looks_right(const struct screen_cell *is, const struct cell *want, enum depth depth, bool drops_underline)
{
	static struct theme theme;
	bool blank = strcmp(want->text, " ") == 0;

	if (!*theme.name)
		theme_default(&theme);
	struct style style = theme_style(&theme, want->pen, depth);
	uint32_t colours[] = {style.fg, style.bg};
	int32_t shown[] = {is->fg, is->bg};
	bool coloured = style.attrs & (ATTR_REVERSE | ATTR_UNDERLINE) || !blank;
	for (int i = 0; i < 2; i++) {
		int32_t wanted = colours[i] == COLOUR_DEFAULT ? SCREEN_DEFAULT
		                 : depth == DEPTH_RGB         ? (int32_t)(0x1000000 | colour_rgb(colours[i]))
		                                              : (int32_t)(colours[i] & 0xff);

		if (wanted != shown[i] && (i == 1 || coloured))
			return false;
	}
	return is->reverse == !!(style.attrs & ATTR_REVERSE) &&
	       (is->underline == !!(style.attrs & ATTR_UNDERLINE) || drops_underline) &&
	       (blank || is->bold == !!(style.attrs & ATTR_BOLD));
}

struct wanted {
	struct canvas canvas;
	int depth; // enum depth, or -1: looks are not looked at
	bool drops_underline; // where it has colours: terminfo's ncv, for the console of Linux
	char *why; // what is not as it should be
};

static bool is_painted(struct screen *s, const void *context)
{
	struct wanted *w = (struct wanted *)context;

	free(steal(w->why));
	for (int row = 0; row < w->canvas.rows && !w->why; row++)
		for (int column = 0; column < w->canvas.columns && !w->why; column++) {
			const struct cell *want = canvas_cell(&w->canvas, row, column);
			struct screen_cell is = screen_cell(s, row, column);
			const char *text = strcmp(want->text, "\xcd\xb8") == 0 ? "\xef\xbf\xbd" : want->text; // no character yet

			if (want->width && strcmp(*is.text ? is.text : " ", text) != 0)
				w->why = mem_printf("%d, %d: '%s' instead of '%s'", row, column, is.text, want->text);
			else if (want->width && w->depth >= 0 && !looks_right(&is, want, (enum depth)w->depth, w->drops_underline))
				w->why = mem_printf("%d, %d: '%s' (role %d on %d) has %x on %x, bold %d underline %d reverse %d", row,
				                    column, want->text, want->pen.role, want->pen.back, (unsigned)is.fg,
				                    (unsigned)is.bg, is.bold, is.underline, is.reverse);
		}
	return !w->why;
}

// Every cell must come to be what the scene says, and look as the theme says for DEPTH.
static void compare_looks(struct screen *s, unsigned scene, int rows, int columns, enum glyphs glyphs, int depth,
                          const char *what)
{
	struct wanted w = {.depth = depth, .drops_underline = str_equal(what, "TERM=linux")};

	canvas_init(&w.canvas, rows, columns, glyphs);
	paint(&w.canvas, scene);
	if (!screen_until(s, is_painted, &w))
		fail_msg("%s: scene %u: %s", what, scene, w.why);
	canvas_done(&w.canvas);
}

static void compare(struct screen *s, unsigned scene, int rows, int columns, enum glyphs glyphs, const char *what)
{
	compare_looks(s, scene, rows, columns, glyphs, -1, what);
}

// Of xterm-direct libvterm misreads the colours (38:2::R:G:B), and the linux console has no underlined colours: not
// looked at.
static const struct type {
	const char *name;
	int depth; // enum depth, or -1
} types[] = {
	{"xterm-256color", DEPTH_256}, {"xterm", DEPTH_8}, {"xterm-direct", -1}, {"tmux-256color", DEPTH_256}, {"screen",
	 DEPTH_8},
	{"screen-256color", DEPTH_256}, {"linux", -1}, {"vt100", DEPTH_NONE}, {"rxvt-unicode-256color", DEPTH_256},
	 {"vt220", DEPTH_NONE},
	// the last by the built-in description
	{"alacritty", DEPTH_256}, {"foot", DEPTH_256},     {"xterm-16color", DEPTH_16}, {"xterm-of-tomorrow", DEPTH_256},
};

static bool known(const char *type)
{
	if (strcmp(type, "xterm-of-tomorrow") == 0)
		return true;
	auto_free char *command = mem_printf("infocmp %s >/dev/null 2>&1", type);

	return system(command) == 0;
}

static void every_cell_arrives_on_every_terminal(void **state)
{
	size_t tried = 0;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		auto_free char *term = mem_printf("TERM=%s", types[i].name);
		const char *environ[] = {term, NULL};

		if (!known(types[i].name))
			continue;
		tried++;
		auto_screen *s = start(20, 60, environ);
		compare_looks(s, 0, 20, 60, GLYPHS_BRAILLE, types[i].depth, types[i].name);
		for (unsigned scene = 1; scene < 12; scene++) {
			screen_keys(s, "n");
			compare_looks(s, scene, 20, 60, GLYPHS_BRAILLE, types[i].depth, types[i].name);
		}
		screen_keys(s, "r");
		compare_looks(s, 11, 20, 60, GLYPHS_BRAILLE, types[i].depth, types[i].name);
	}
	assert_true(tried >= 5);
}

// GNU screen with the TERM of the terminal around it: what is erased in a colour is written there, as it may not keep
// the colour.
static void inside_gnu_screen_nothing_is_erased_in_a_colour(void **state)
{
	auto_screen *s = start(20, 60, (const char *[]){"TERM=xterm-256color", "STY=1.pts-0.box", NULL});

	for (unsigned scene = 1; scene < 6; scene++) {
		screen_keys(s, "n");
		compare_looks(s, scene, 20, 60, GLYPHS_BRAILLE, DEPTH_256, "STY");
	}
	screen_keys(s, "r n");
	compare_looks(s, 6, 20, 60, GLYPHS_BRAILLE, DEPTH_256, "STY");
}

// A notification is shown, not obeyed; where there is none, the bell rings.
static void alerts(void **state)
{
	static const struct {
		const char *type, *sent;
	} terms[] = {{"TERM=xterm-256color", "\033]9;a^[]52;c;^Gb\033\\"}, {"TERM=linux", "\a"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(terms); i++) {
		auto_screen *s = start(20, 60, (const char *[]){terms[i].type, NULL});

		screen_keys(s, "w");
		compare_looks(s, 1, 20, 60, i ? GLYPHS_BLOCKS : GLYPHS_BRAILLE, i ? DEPTH_8 : DEPTH_256, terms[i].type);
		assert_true(screen_sent(s, 0, terms[i].sent));
		assert_false(screen_sent(s, 0, "\033]52;c;\ab"));
	}
}

static void only_seven_bits_without_a_utf8_locale(void **state)
{
	auto_screen *s = start(20, 60, (const char *[]){"LANG=C", "TERM=vt100", NULL});

	for (unsigned scene = 1; scene < 6; scene++) {
		screen_keys(s, "n");
		compare(s, scene, 20, 60, GLYPHS_ASCII, "C");
	}
	assert_true(screen_ascii(s));
}

static void colours_as_many_as_there_are(void **state)
{
	const struct {
		const char *const *environ;
		int32_t least, most; // of the foreground of a tab, #ffffff in the default theme
	} rows[] = {
		{(const char *const[]){"COLORTERM=truecolor", NULL}, 0x1ffffff, 0x1ffffff},
		{(const char *const[]){"TERM=xterm", "COLORTERM=truecolor", NULL}, 0x1ffffff, 0x1ffffff},
		{(const char *const[]){"TERM=xterm", "COLORTERM=24bit", NULL}, 0x1ffffff, 0x1ffffff},
		{(const char *const[]){"TERM=xterm", NULL}, 0, 7},
		{(const char *const[]){"TERM=xterm-16color", "COLORTERM=truecolor", NULL}, 8, 15},
		{(const char *const[]){"TERM=unheard-of-256color", NULL}, 16, 255},
		{(const char *const[]){"TERM=xterm", "COLORTERM=truecolor", "NO_COLOR=1", NULL}, SCREEN_DEFAULT,
		 SCREEN_DEFAULT},
		{(const char *const[]){"TERM=xterm-direct", NULL}, 0x1ffffff, 0x1ffffff},
		{(const char *const[]){"TERM=xterm-256color", NULL}, 16, 255},
		{(const char *const[]){"TERM=screen-256color", "COLORTERM=truecolor", NULL}, 16, 255},
		{(const char *const[]){"TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=1", NULL}, SCREEN_DEFAULT,
		 SCREEN_DEFAULT},
		{(const char *const[]){"TERM=vt100", NULL}, SCREEN_DEFAULT, SCREEN_DEFAULT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_screen *s = start(20, 60, rows[i].environ);

		compare(s, 0, 20, 60, GLYPHS_BRAILLE, rows[i].environ[0]);
		struct screen_cell cell = screen_cell(s, 0, 0);
		if (cell.fg < rows[i].least || cell.fg > rows[i].most)
			fail_msg("%s: foreground %x", rows[i].environ[0], (unsigned)cell.fg);
		assert_true(cell.bold);
		screen_keys(s, "n n n");
		compare_looks(s, 3, 20, 60, GLYPHS_BRAILLE, i == 0 ? (int)DEPTH_RGB : -1, rows[i].environ[0]);
		assert_int_equal(screen_coloured(s), rows[i].most != SCREEN_DEFAULT);
	}
	auto_screen *s = start(20, 60, (const char *[]){"TERM=linux", NULL});
	screen_keys(s, "n n");
	compare(s, 2, 20, 60, GLYPHS_BLOCKS, "linux");
	for (int row = 0; row < 20; row++)
		for (int column = 0; column < 60; column++) {
			struct screen_cell cell = screen_cell(s, row, column);

			assert_true(cell.fg < 16 && cell.bg < 16);
		}
}

static void an_unchanged_frame_sends_nothing(void **state)
{
	auto_screen *s = start(20, 60, NULL);

	screen_keys(s, "n");
	compare(s, 1, 20, 60, GLYPHS_BRAILLE, "xterm");
	screen_settle(s, 100); // the end of the frame
	size_t before = screen_bytes(s);
	screen_keys(s, "d d d d");
	screen_settle(s, 100);
	assert_int_equal(screen_bytes(s), before);
	screen_keys(s, "n");
	compare(s, 2, 20, 60, GLYPHS_BRAILLE, "xterm");
	screen_settle(s, 100);
	// one synchronized piece
	assert_true(screen_sent(s, before, "\033[?2026h"));
	assert_true(screen_sent(s, before, "\033[?2026l"));
	assert_false(screen_modes(s).synchronized);
	// all of it fits in what the frame before drew: far less than drawing anew
	size_t change = screen_bytes(s) - before;
	before = screen_bytes(s);
	screen_keys(s, "r");
	screen_settle(s, 100);
	assert_true(screen_bytes(s) > before);
	assert_true(change < 6000);
}

static void the_terminal_is_whole_after_every_end(void **state)
{
	static const struct {
		const char *keys;
		int number; // signal sent instead
		bool signalled;
		int status;
	} rows[] = {
		{"q", 0, false, 0}, {"x", 0, false, 7}, {"g", 0, true, SIGSEGV}, {"b", 0, true, SIGABRT},
		{NULL, SIGTERM, true, SIGTERM}, {NULL, SIGHUP, true, SIGHUP}, {NULL, SIGINT, true, SIGINT}, {NULL, SIGQUIT,
		 true, SIGQUIT},
		{NULL, SIGBUS, true, SIGBUS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_screen *s = start(20, 60, NULL);

		screen_keys(s, "m n t");
		compare(s, 3, 20, 60, GLYPHS_BRAILLE, "before");
		struct screen_modes during = screen_modes(s);
		assert_true(during.alternate && during.mouse && during.paste && during.raw && !during.cursor);
		if (rows[i].keys)
			screen_keys(s, rows[i].keys);
		else
			screen_signal(s, rows[i].number);
		int status = screen_ended(s);
		struct screen_modes after = screen_modes(s);
		if (after.alternate || after.mouse || after.paste || after.raw || !after.cursor)
			fail_msg("row %zu: status %x alternate %d mouse %d paste %d raw %d cursor %d", i, (unsigned)status,
			         after.alternate, after.mouse, after.paste, after.raw, after.cursor);
		assert_int_equal(rows[i].signalled, WIFSIGNALED(status) != 0);
		assert_int_equal(rows[i].signalled ? WTERMSIG(status) : WEXITSTATUS(status), rows[i].status);
		assert_true(screen_sent(s, 0, "\033[23;2t")); // the title too
		assert_false(screen_sent(s, 0, "\033]0;evil"));
	}
}

static bool is_stopped(struct screen *s, const void *context)
{
	char path[64], text[512] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)screen_pid(s));
	auto_close int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	const char *end = n > 0 ? strrchr(text, ')') : NULL;
	return end && end[2] == 'T';
}

static bool is_raw(struct screen *s, const void *context)
{
	return screen_modes(s).raw && screen_modes(s).alternate;
}

static void suspended_it_gives_the_terminal_back(void **state)
{
	auto_screen *s = start(20, 60, NULL);

	screen_keys(s, "n");
	compare(s, 1, 20, 60, GLYPHS_BRAILLE, "before");
	screen_keys(s, "z");
	assert_true(screen_until(s, is_stopped, NULL));
	screen_settle(s, 30);
	struct screen_modes away = screen_modes(s);
	assert_true(!away.alternate && !away.raw && away.cursor && !away.paste);
	screen_resize(s, 10, 40); // while it was away
	screen_signal(s, SIGCONT);
	assert_true(screen_until(s, is_raw, NULL));
	compare(s, 1, 10, 40, GLYPHS_BRAILLE, "after");
}

static struct flood *flood_memory(int *fd)
{
	*fd = memfd_create("flood", 0); // the child inherits it
	assert_int_equal(ftruncate(*fd, sizeof(struct flood)), 0);
	struct flood *flood = mmap(NULL, sizeof(*flood), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	assert_true(flood != MAP_FAILED);
	flood->wanted = 400;
	return flood;
}

static bool is_flooded(struct screen *s, const void *context)
{
	const struct flood *flood = context;

	(void)s;
	return atomic_load(&flood->drawn) == flood->wanted;
}

static void a_slow_line_gets_the_latest_frame_only(void **state)
{
	auto_close int fd = -1;
	struct flood *flood = flood_memory(&fd);
	auto_screen *s = start_with(fd, 50, 200, NULL);

	compare(s, 0, 50, 200, GLYPHS_BRAILLE, "before");
	size_t before = screen_bytes(s);
	screen_stall(s, true);
	screen_keys(s, "f");
	assert_true(screen_until(s, is_flooded, flood)); // the program was never held up
	screen_stall(s, false);
	compare(s, 400, 50, 200, GLYPHS_BRAILLE, "after");
	// 400 scenes are most of a megabyte; what came is what fits into the buffer of the pty, and one more frame
	size_t came = screen_bytes(s) - before;
	if (came > 100000)
		fail_msg("%zu bytes came", came);
	munmap(flood, sizeof(*flood));
}

static void leaving_does_not_wait_for_a_dead_line(void **state)
{
	auto_close int fd = -1;
	struct flood *flood = flood_memory(&fd);
	auto_screen *s = start_with(fd, 50, 200, NULL);

	compare(s, 0, 50, 200, GLYPHS_BRAILLE, "before");
	screen_stall(s, true);
	screen_keys(s, "f q");
	assert_int_equal(screen_ended(s), 0);
	assert_false(screen_modes(s).raw);
	munmap(flood, sizeof(*flood));
}

static void any_size_at_any_moment(void **state)
{
	static const int sizes[][2] = {{1, 1}, {10, 40}, {2, 3}, {60, 200}, {1, 80}, {24, 80}, {30, 1}, {20, 60}};
	auto_screen *s = start(20, 60, NULL);

	screen_keys(s, "n");
	compare(s, 1, 20, 60, GLYPHS_BRAILLE, "before");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		screen_resize(s, sizes[i][0], sizes[i][1]);
		if (sizes[i][1] > 8)
			compare(s, 1, sizes[i][0], sizes[i][1], GLYPHS_BRAILLE, "resized");
	}
	for (int i = 0; i < 200; i++)
		screen_resize(s, 1 + i * 7 % 40, 1 + i * 13 % 150);
	screen_resize(s, 20, 60);
	compare(s, 1, 20, 60, GLYPHS_BRAILLE, "after");
}

static void keys_by_their_names_on_every_terminal(void **state)
{
	static const char *const names[] = {"Up",     "Down",   "Left",      "Right", "Home",       "End",   "PgUp",
	                                    "PgDn",   "Del",    "Ins",       "F1",    "F4",         "F5",    "F10",
	                                    "F12",    "Tab",    "Shift-Tab", "Enter", "Esc",        "Space", "Backspace",
	                                    "Ctrl-L", "Ctrl-C", "Ctrl-Z",    "Alt-x", "Ctrl-Space", "ä",     "?"};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		auto_free char *term = mem_printf("TERM=%s", types[i].name);

		if (!known(types[i].name))
			continue;
		auto_screen *s = start(5, 40, (const char *[]){term, NULL});
		if (!screen_shows(s, "scene 0."))
			fail_msg("%s: '%s'", types[i].name, screen_row(s, 0));
		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			auto_free char *shown = mem_printf("key %s.", names[k]);

			if (strcmp(names[k], "Esc") == 0)
				screen_send(s, "\033", 1); // and then nothing
			else
				screen_keys(s, names[k]);
			if (!screen_shows(s, shown))
				fail_msg("%s: %s is '%s'", types[i].name, names[k], screen_row(s, 0));
		}
	}
}

static bool was_sent(struct screen *s, const void *bytes)
{
	return screen_sent(s, 0, bytes);
}

static void the_clipboard_by_osc_52(void **state)
{
	auto_screen *s = start(5, 40, NULL);

	assert_true(screen_shows(s, "scene 0."));
	screen_keys(s, "y n");
	assert_true(screen_shows(s, "scene 1."));
	assert_true(screen_sent(s, 0, "\033]52;c;aGVeW2xsb15K\a"));
	auto_screen *inside = start(5, 40, (const char *[]){"TERM=screen", NULL});
	screen_keys(inside, "y n");
	assert_true(screen_shows(inside, "scene 1."));
	assert_true(screen_sent(inside, 0, "\033P\033]52;c;aGVeW2xsb15K\a\033\\"));
	// far away, so that its own program cannot be asked
	auto_screen *tmux = start(5, 40, (const char *[]){"TERM=tmux-256color", NULL});
	screen_keys(tmux, "y n");
	// by its bytes: what a newer libvterm, which does not identify itself as tmux, makes of them is not the same
	assert_true(screen_until(tmux, was_sent, "\033]52;c;aGVeW2xsb15K\a\033Ptmux;\033\033]52;c;aGVeW2xsb15K\a\033\\"));
}

static void what_is_no_terminal_is_refused(void **state)
{
	static const struct {
		const char *term, *message;
	} rows[] = {
		{"TERM=no-such-terminal", "no: unknown terminal type 'no-such-terminal'"},
		{"TERM=dumb", "no: terminal type 'dumb' has no cursor addressing"},
		{"TERM=", "no: TERM is not set"},
		{"TERM", "no: TERM is not set"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_screen *s = start(5, 150, (const char *[]){rows[i].term, NULL});

		if (!screen_shows(s, rows[i].message))
			fail_msg("%s: %s", rows[i].term, screen_row(s, 0));
		assert_true(screen_shows(s, "--linear"));
		assert_int_equal(screen_ended(s), 1 << 8);
		assert_false(screen_modes(s).raw);
	}
	struct err e = {0};
	auto_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_null(term_open(null, null, &(struct term_options){.type = "xterm"}, &e));
	assert_int_equal(e.code, ENOTTY);
	term_close(NULL);
	term_restore();
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_arrives_on_every_terminal),
		cmocka_unit_test(inside_gnu_screen_nothing_is_erased_in_a_colour),
		cmocka_unit_test(alerts),
		cmocka_unit_test(only_seven_bits_without_a_utf8_locale),
		cmocka_unit_test(colours_as_many_as_there_are),
		cmocka_unit_test(an_unchanged_frame_sends_nothing),
		cmocka_unit_test(the_terminal_is_whole_after_every_end),
		cmocka_unit_test(suspended_it_gives_the_terminal_back),
		cmocka_unit_test(a_slow_line_gets_the_latest_frame_only),
		cmocka_unit_test(leaving_does_not_wait_for_a_dead_line),
		cmocka_unit_test(any_size_at_any_moment),
		cmocka_unit_test(keys_by_their_names_on_every_terminal),
		cmocka_unit_test(the_clipboard_by_osc_52),
		cmocka_unit_test(what_is_no_terminal_is_refused),
	};

	if (argc == 3 && strcmp(argv[1], "--child") == 0) {
		int fd = atoi(argv[2]);
		void *flood = mmap(NULL, sizeof(struct flood), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		return run(flood == MAP_FAILED ? NULL : flood);
	}
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
