// The terminal: see ui/term.h. The only room that knows curses. Must not know what is drawn.
//
// Curses draws into a memory file instead of the terminal. So a frame is one piece of bytes, which is counted, given true
// colours, made synchronous and sent with one write that never blocks. Modes, keys and signals are our own.
#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/str.h"
#include "builtin.h"
#include "guard.h"
#include "sgr.h"

enum {
	CLIPBOARD_MAX = 74000, // what terminals accept in one OSC 52, before base64
	FLUSH_MS = 1000,       // how long giving the terminal back may wait for a slow line
	BLOCKING_CHUNK = 256,  // written at once where the descriptor cannot be made non-blocking
};

static const char sync_on[] = "\033[?2026h", sync_off[] = "\033[?2026l";
static const char mouse_on[] = "\033[?1000h\033[?1006h", mouse_off[] = "\033[?1006l\033[?1000l";
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";
static const char title_save[] = "\033[22;2t", title_back[] = "\033[23;2t";

struct look {
	attr_t attrs;
	int pair;
	bool known;
};

struct term {
	int in, out;
	int writer;       // another description of OUT, non-blocking; or OUT itself
	bool may_block;   // writer could not be made non-blocking
	struct termios modes;
	char *type;
	char *notice; // what the person should know about the terminal, NULL = nothing
	struct term_caps caps;
	bool modern;      // understands, or ignores without harm, private modes and OSC
	bool multiplexed; // GNU screen: passes on only what is wrapped
	bool virtual;     // numbered colours stand for true ones
	bool mouse, titled, away;
	FILE *file, *input; // what curses believes to be the terminal
	SCREEN *screen;
	struct canvas shown; // the last frame
	bool fresh;          // the next frame draws everything
	bool hidden;         // the cursor is
	struct theme theme;
	struct look looks[ROLE_COUNT][ROLE_COUNT][16];
	struct sgr sgr;
	struct key_decoder decoder;
	char read_ahead[4096];
	size_t read_at, read_end;
	struct str waiting; // bytes for the terminal
	size_t waiting_at;
	struct term_stats stats;
};

// What terminfo calls keys we know; it wins over the decoder's own tables, but only for what is a sequence.
static const struct {
	const char *name;
	uint32_t code;
} terminfo_keys[] = {
	{"kcuu1", K_UP},     {"kcud1", K_DOWN},   {"kcub1", K_LEFT},   {"kcuf1", K_RIGHT},  {"khome", K_HOME},  {"kend", K_END},
	{"kpp", K_PGUP},     {"knp", K_PGDN},     {"kich1", K_INSERT}, {"kdch1", K_DELETE}, {"kcbt", K_TAB | K_SHIFT},
	{"kf1", K_F1},       {"kf2", K_F1 + 1},   {"kf3", K_F1 + 2},   {"kf4", K_F1 + 3},   {"kf5", K_F1 + 4},  {"kf6", K_F1 + 5},
	{"kf7", K_F1 + 6},   {"kf8", K_F1 + 7},   {"kf9", K_F1 + 8},   {"kf10", K_F1 + 9},  {"kf11", K_F1 + 10}, {"kf12", K_F12},
	{"kbs", K_BACKSPACE},
};

static const char *capability(const char *name)
{
	const char *text = tigetstr(name);

	return text && text != (char *)-1 ? text : "";
}

static bool type_is(const struct term *t, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_starts(t->type, prefixes[i]))
			return true;
	return false;
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

// Adds a capability to what is written, without the padding "$<5>" that only real vt100s needed.
static void add_capability(struct str *out, const char *name)
{
	for (const char *p = capability(name); *p; p++) {
		if (p[0] == '$' && p[1] == '<' && strchr(p, '>'))
			p = strchr(p, '>');
		else
			str_add_char(out, *p);
	}
}

// The bytes that undo everything; also what a falling process writes.
static void farewell(const struct term *t, struct str *out)
{
	if (t->modern)
		str_addf(out, "%s%s%s", sync_off, mouse_off, paste_off);
	if (t->titled)
		str_add(out, title_back);
	add_capability(out, "rmkx");
	add_capability(out, "op");
	add_capability(out, "sgr0");
	add_capability(out, "cnorm");
	add_capability(out, "rmcup");
	if (!*capability("rmcup")) // no second screen: the prompt goes below ours
		str_add(out, "\r\n");
}

static void arm(const struct term *t)
{
	auto_str text = {0};

	farewell(t, &text);
	guard_arm(t->writer, &t->modes, str_text(&text), text.length);
}

static int set_raw(const struct term *t, struct err *e)
{
	struct termios raw = t->modes;

	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(t->in, TCSADRAIN, &raw) < 0)
		return err_set(e, errno, "cannot set the modes of the terminal");
	return 0;
}

// Moves what curses has written to the bytes that wait for the terminal. Returns how many were added.
static size_t collect(struct term *t)
{
	int fd = fileno(t->file);

	fflush(t->file);
	off_t end = lseek(fd, 0, SEEK_CUR);
	if (end <= 0)
		return 0;
	auto_free char *bytes = mem_new((size_t)end + 1); // terminated
	size_t before = t->waiting.length;
	ssize_t n = pread(fd, bytes, (size_t)end, 0);
	lseek(fd, 0, SEEK_SET);
	if (ftruncate(fd, 0) < 0 || n <= 0)
		return 0;
	sgr_pass(&t->sgr, bytes, (size_t)n, &t->waiting);
	return t->waiting.length - before;
}

bool term_pending(const struct term *t)
{
	return t->waiting_at < t->waiting.length;
}

// One write. Returns the bytes taken, 0 when the terminal takes none now.
static ssize_t write_some(struct term *t, const char *bytes, size_t n)
{
	struct pollfd ready = {.fd = t->writer, .events = POLLOUT};

	if (t->may_block) {
		if (poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLOUT))
			return ready.revents & (POLLERR | POLLHUP) ? -EPIPE : 0;
		n = n < BLOCKING_CHUNK ? n : BLOCKING_CHUNK;
	}
	ssize_t written = write(t->writer, bytes, n);
	if (written < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	t->stats.writes++;
	t->stats.bytes += (uint64_t)written;
	return written;
}

int term_flush(struct term *t, struct err *e)
{
	while (term_pending(t)) {
		ssize_t n = write_some(t, t->waiting.text + t->waiting_at, t->waiting.length - t->waiting_at);

		if (n == 0)
			return 0;
		if (n < 0)
			return err_set(e, (int)-n, "cannot write to the terminal");
		t->waiting_at += (size_t)n;
	}
	str_clear(&t->waiting);
	t->waiting_at = 0;
	return 1;
}

// Waits, within reason, until everything is sent: before the terminal is given to somebody else.
static void drain(struct term *t)
{
	struct pollfd ready = {.fd = t->writer, .events = POLLOUT};

	while (term_flush(t, NULL) == 0)
		if (poll(&ready, 1, FLUSH_MS) <= 0)
			break;
	str_clear(&t->waiting);
	t->waiting_at = 0;
}

static void open_writer(struct term *t)
{
	char path[32];

	// a description of our own: O_NONBLOCK on the one we share would surprise the shell
	snprintf(path, sizeof(path), "/proc/self/fd/%d", t->out);
	t->writer = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	t->may_block = t->writer < 0;
	if (t->may_block)
		t->writer = t->out;
}

static enum depth depth_of(const struct term *t, const struct term_options *o)
{
	const char *colorterm = getenv("COLORTERM");
	bool announced = colorterm && (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0);
	enum depth depth = DEPTH_NONE;

	if (o->no_colour || is_set("NO_COLOR") || !has_colors())
		return DEPTH_NONE;
	// GNU screen inherits the variable from the terminal around it, but does not know such colours
	if (COLORS > 256 || (COLORS == 256 && !t->multiplexed && (announced || tigetflag("RGB") > 0 || tigetflag("Tc") > 0)))
		depth = DEPTH_RGB;
	else
		depth = COLORS >= 256 ? DEPTH_256 : COLORS >= 16 ? DEPTH_16 : COLORS >= 8 ? DEPTH_8 : DEPTH_NONE;
	return o->depth && o->depth < depth ? o->depth : depth;
}

static enum glyphs glyphs_of(const struct term *t, const struct term_options *o)
{
	static const char *const consoles[] = {"linux", "cons", "bterm"};

	if (o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return GLYPHS_ASCII;
	return type_is(t, consoles, ARRAY_SIZE(consoles)) ? GLYPHS_BLOCKS : GLYPHS_BRAILLE;
}

static void find_caps(struct term *t, const struct term_options *o)
{
	static const char *const old[] = {"linux", "vt1", "vt2", "vt3", "vt4", "vt5", "ansi", "dumb", "cons", "cygwin", "sun", "wy", "bterm", "hurd"};
	static const char *const titled[] = {"xterm", "tmux", "rxvt", "foot", "alacritty", "kitty", "st", "konsole", "gnome", "vte"};

	t->modern = !type_is(t, old, ARRAY_SIZE(old));
	t->multiplexed = str_starts(t->type, "screen") && !is_set("TMUX");
	t->caps.nested = str_starts(t->type, "tmux") || is_set("TMUX");
	t->caps.remote = is_set("SSH_CONNECTION") || is_set("SSH_TTY");
	t->caps.titles = t->modern && type_is(t, titled, ARRAY_SIZE(titled));
	t->caps.glyphs = glyphs_of(t, o);
	t->caps.depth = depth_of(t, o);
	t->sgr.takes_back = t->modern || str_starts(t->type, "linux");
	t->virtual = t->caps.depth == DEPTH_RGB && COLORS == 256;
}

// Curses installs handlers of its own; signals are the caller's business and the guard's.
static SCREEN *open_screen(const char *type, FILE *out, FILE *in)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction saved[ARRAY_SIZE(numbers)];

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], NULL, &saved[i]);
	SCREEN *screen = newterm(type, out, in);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &saved[i], NULL);
	return screen;
}

static void set_variable(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

// Curses cannot ask a memory file for its size. It must know it from the beginning: the scrolling region it sets is of that size.
// ENTRY is a description to use instead of that in the database, NULL = none.
static SCREEN *open_sized(const struct term *t, const char *type, const char *entry)
{
	static const char *const names[] = {"LINES", "COLUMNS", "TERMINFO"};
	auto_free char *lines = mem_strdup(getenv(names[0])), *columns = mem_strdup(getenv(names[1])), *database = mem_strdup(getenv(names[2]));
	const char *const saved[] = {lines, columns, database};
	int size[2];

	term_size(t, &size[0], &size[1]);
	for (size_t i = 0; i < ARRAY_SIZE(size); i++) {
		auto_free char *number = mem_printf("%d", size[i]);

		setenv(names[i], number, 1);
	}
	if (entry)
		setenv(names[2], entry, 1);
	use_env(TRUE);
	SCREEN *screen = open_screen(type, t->file, t->input);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		set_variable(names[i], saved[i]);
	return screen;
}

// terminfo's own lists; the header that declares them has macros for half of the words used here.
extern const char *const boolnames[], *const numnames[], *const strnames[];

static SCREEN *open_builtin(const struct term *t)
{
	auto_free char *entry = builtin_terminfo(&(struct capability_names){boolnames, numnames, strnames});

	return open_sized(t, "xterm-256color", entry);
}

// Whether terminals of this name understand what xterm does, so that the built-in description draws them right.
static bool is_like_xterm(const struct term *t)
{
	static const char *const like[] = {"xterm", "alacritty", "foot",    "kitty", "ghostty", "wezterm", "tmux",  "screen", "rxvt",   "konsole", "gnome", "vte",
	                                   "st-",   "contour",   "mintty",  "putty", "mlterm",  "iterm",   "iTerm", "rio",    "nsterm", "ms-terminal", "vscode",
	                                   "hterm", "kterm",     "mrxvt",   "aterm", "Eterm",   "terminology"};

	return type_is(t, like, ARRAY_SIZE(like)) || strcmp(t->type, "st") == 0;
}

// GNU screen keeps the colour of what it erases only where it is told to; a TERM that names the terminal around it does not say so.
static bool is_inside_screen(const struct term *t)
{
	return is_set("STY") && str_starts(t->type, "xterm");
}

static int open_curses(struct term *t, struct err *e)
{
	bool known = *t->type && !is_inside_screen(t);

	t->screen = known ? open_sized(t, t->type, NULL) : NULL;
	if (t->screen && *capability("cup"))
		return 0;
	if (!*t->type)
		return err_msg(e, ENOTTY, "TERM is not set (set it to the terminal's type, for example TERM=xterm-256color, or use --linear)");
	if (t->screen)
		return err_msg(e, ENOTTY, "a terminal of type '%s' cannot place the cursor (set TERM to what the terminal really is, or use --linear)", t->type);
	if (is_like_xterm(t))
		t->screen = open_builtin(t);
	if (!t->screen)
		return err_msg(e, ENOTTY, "the terminal type '%s' is not known here or cannot place the cursor (try TERM=xterm-256color, "
		               "install ncurses-term, or use --linear)", t->type);
	if (known)
		t->notice = mem_printf("terminal type '%s' is not known here: treated as xterm-256color (install ncurses-term, or its own terminfo entry)", t->type);
	return 0;
}

static int start_curses(struct term *t, struct err *e)
{
	int memory = memfd_create("screen", MFD_CLOEXEC), in = fcntl(t->in, F_DUPFD_CLOEXEC, 3);

	t->file = memory < 0 ? NULL : fdopen(memory, "w+");
	t->input = in < 0 ? NULL : fdopen(in, "r");
	if (!t->file || !t->input)
		return err_set(e, errno, "cannot prepare the screen");
	int r = open_curses(t, e);
	if (r < 0)
		return r;
	typeahead(-1); // a frame is never left half drawn because a key came
	if (has_colors()) {
		start_color();
		use_default_colors();
	}
	idlok(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	return 0;
}

static void learn_keys(struct term *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(terminfo_keys); i++)
		if (capability(terminfo_keys[i].name)[0] == '\033' || terminfo_keys[i].code == K_BACKSPACE)
			key_decoder_add(&t->decoder, capability(terminfo_keys[i].name), terminfo_keys[i].code);
}

static void say_hello(struct term *t)
{
	sgr_forget(&t->sgr);
	add_capability(&t->waiting, "smkx");
	if (t->modern)
		str_add(&t->waiting, paste_on);
	if (t->modern && t->mouse)
		str_add(&t->waiting, mouse_on);
	curs_set(0);
	t->hidden = true;
	t->fresh = true;
	t->away = false;
}

struct term *term_open(int in, int out, const struct term_options *options, struct err *e)
{
	struct term *t = mem_new(sizeof(*t));
	const char *type = options->type ? options->type : getenv("TERM");

	*t = (struct term){.in = in, .out = out, .writer = -1, .away = true, .mouse = options->mouse};
	t->type = mem_strdup(type ? type : "");
	theme_default(&t->theme);
	if (tcgetattr(in, &t->modes) < 0 || !isatty(out)) {
		err_msg(e, ENOTTY, "the dashboard needs a terminal on its standard input and output (for scripts: hostel ls)");
		term_close(t);
		return NULL;
	}
	open_writer(t);
	if (start_curses(t, e) < 0) {
		term_close(t);
		return NULL;
	}
	find_caps(t, options);
	learn_keys(t);
	arm(t);
	if (set_raw(t, e) < 0) {
		term_close(t);
		return NULL;
	}
	say_hello(t);
	return t;
}

void term_suspend(struct term *t)
{
	if (t->away)
		return;
	// what is waiting belongs to a frame that nobody will see
	if (t->waiting_at == 0)
		str_clear(&t->waiting);
	endwin();
	collect(t);
	farewell(t, &t->waiting);
	drain(t);
	tcsetattr(t->in, TCSADRAIN, &t->modes);
	guard_disarm();
	t->away = true;
}

int term_resume(struct term *t, struct err *e)
{
	if (!t->away)
		return 0;
	arm(t);
	int r = set_raw(t, e);
	if (r < 0)
		return r;
	t->titled = false;
	t->read_at = t->read_end = 0;
	key_decoder_forget(&t->decoder);
	say_hello(t);
	return 0;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	if (t->screen) {
		term_suspend(t);
		delscreen(t->screen);
	}
	guard_disarm();
	if (t->file)
		fclose(t->file);
	if (t->input)
		fclose(t->input);
	if (t->writer >= 0 && !t->may_block)
		close(t->writer);
	key_decoder_done(&t->decoder);
	canvas_done(&t->shown);
	str_done(&t->waiting);
	free(t->type);
	free(t->notice);
	free(t);
}

const char *term_notice(const struct term *t)
{
	return t->notice;
}

struct term_caps term_caps(const struct term *t)
{
	return t->caps;
}

void term_size(const struct term *t, int *rows, int *columns)
{
	struct winsize size = {0};
	bool known = ioctl(t->out, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;

	*rows = known ? size.ws_row : 24;
	*columns = known ? size.ws_col : 80;
}

void term_redraw(struct term *t)
{
	t->fresh = true;
}

void term_theme(struct term *t, const struct theme *theme)
{
	t->theme = *theme;
	memset(t->looks, 0, sizeof(t->looks));
	t->sgr.palette = (struct sgr_palette){0};
	t->fresh = true;
}

// The number curses knows COLOUR by.
static int curses_colour(struct term *t, uint32_t colour)
{
	if (colour == COLOUR_DEFAULT)
		return -1;
	if (t->caps.depth < DEPTH_RGB)
		return (int)(colour & 0xff);
	if ((colour & COLOUR_KIND) == COLOUR_INDEX && (colour & 0xff) < 16)
		return (int)(colour & (COLORS > 256 ? 7 : 15));
	if (t->virtual)
		return (int)sgr_number(&t->sgr.palette, colour_rgb(colour));
	uint32_t rgb = colour_rgb(colour);
	return rgb < 8 ? 8 : (int)rgb; // with direct colours the lowest numbers are still the old ones
}

static const struct look *look_of(struct term *t, struct pen pen)
{
	static const struct {
		uint8_t attr;
		attr_t curses;
	} attrs[] = {{ATTR_BOLD, A_BOLD}, {ATTR_DIM, A_DIM}, {ATTR_REVERSE, A_REVERSE}, {ATTR_UNDERLINE, A_UNDERLINE}};
	struct look *look = &t->looks[pen.role][pen.back][pen.attrs & 15];

	if (look->known)
		return look;
	struct style style = theme_style(&t->theme, pen, t->caps.depth);
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		if (style.attrs & attrs[i].attr)
			look->attrs |= attrs[i].curses;
	if (t->caps.depth != DEPTH_NONE)
		look->pair = alloc_pair(curses_colour(t, style.fg), curses_colour(t, style.bg));
	look->pair = look->pair > 0 ? look->pair : 0;
	look->known = true;
	return look;
}

static void put_cell(struct term *t, int row, int column, const struct cell *cell)
{
	wchar_t text[CELL_TEXT + 1] = {0};
	size_t n = strnlen(cell->text, CELL_TEXT), count = 0;
	const struct look *look = look_of(t, cell->pen);
	int pair = look->pair;
	cchar_t c;

	for (size_t i = 0; i < n && count < CCHARW_MAX - 1;) {
		uint32_t cp;
		size_t length = str_decode(cell->text + i, n - i, &cp);

		if (!length)
			break;
		text[count++] = (wchar_t)cp;
		i += length;
	}
	// curses leaves out what the locale does not know, and the old character would stay
	if (wcwidth(text[0]) != cell->width) {
		wcscpy(text, L"\ufffd");
		if (cell->width == 2 && setcchar(&c, L" ", look->attrs, 0, &pair) == OK)
			mvadd_wch(row, column + 1, &c);
	}
	if (setcchar(&c, text, look->attrs, 0, &pair) == OK)
		mvadd_wch(row, column, &c);
}

// Gives curses the cells that are not as they were; it finds the shortest way to draw them.
static void put_changes(struct term *t, const struct canvas *c)
{
	for (int row = 0; row < c->rows; row++) {
		size_t line = (size_t)row * (size_t)c->columns;

		if (!t->fresh && memcmp(&c->cells[line], &t->shown.cells[line], (size_t)c->columns * sizeof(struct cell)) == 0)
			continue;
		for (int column = 0; column < c->columns; column++) {
			const struct cell *cell = &c->cells[line + (size_t)column], *old = &t->shown.cells[line + (size_t)column];

			if (cell->width && (t->fresh || memcmp(cell, old, sizeof(*cell)) != 0))
				put_cell(t, row, column, cell);
		}
		memcpy(&t->shown.cells[line], &c->cells[line], (size_t)c->columns * sizeof(struct cell));
	}
}

static void prepare(struct term *t, const struct canvas *c)
{
	if (t->shown.rows != c->rows || t->shown.columns != c->columns) {
		canvas_done(&t->shown);
		canvas_init(&t->shown, c->rows, c->columns, c->glyphs);
		resize_term(c->rows, c->columns);
		t->fresh = true;
	}
	if (!t->fresh)
		return;
	erase();
	clearok(curscr, TRUE);
}

static void put_cursor(struct term *t, const struct canvas *c)
{
	bool hidden = c->cursor_row < 0;

	if (hidden != t->hidden)
		curs_set(hidden ? 0 : 1);
	t->hidden = hidden;
	leaveok(stdscr, hidden);
	if (!hidden)
		wmove(stdscr, c->cursor_row, c->cursor_column);
}

int term_draw(struct term *t, const struct canvas *c, struct err *e)
{
	int r = term_flush(t, e);

	// what say_hello() left may wait on; a frame must not be drawn upon a frame that is not out
	if (r <= 0 || t->away)
		return r < 0 ? r : 0;
	prepare(t, c);
	put_changes(t, c);
	put_cursor(t, c);
	wnoutrefresh(stdscr);
	doupdate();
	t->fresh = false;
	if (t->modern)
		str_add(&t->waiting, sync_on);
	if (collect(t) == 0) {
		str_clear(&t->waiting);
		return 1;
	}
	if (t->modern)
		str_add(&t->waiting, sync_off);
	t->stats.frames++;
	t->stats.last = t->waiting.length;
	r = term_flush(t, e);
	return r < 0 ? r : 1;
}

static void decode_more(struct term *t)
{
	t->read_at += key_decoder_feed(&t->decoder, t->read_ahead + t->read_at, t->read_end - t->read_at);
}

int term_read(struct term *t, struct err *e)
{
	struct pollfd ready = {.fd = t->in, .events = POLLIN};

	if (t->read_at < t->read_end)
		return 0; // keys are taken out first
	if (poll(&ready, 1, 0) <= 0)
		return 0;
	ssize_t n = read(t->in, t->read_ahead, sizeof(t->read_ahead));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return err_set(e, n < 0 && errno != EIO ? errno : EPIPE, "the terminal is gone");
	t->read_at = 0;
	t->read_end = (size_t)n;
	return (int)n;
}

bool term_key(struct term *t, bool final, struct key *key)
{
	bool found = false;

	// the decoder's buffer is smaller than what was read
	do {
		decode_more(t);
		found = key_decoder_next(&t->decoder, final && t->read_at == t->read_end, key);
	} while (!found && t->read_at < t->read_end);
	return found;
}

bool term_key_waits(const struct term *t)
{
	return key_decoder_waits(&t->decoder);
}

void term_mouse(struct term *t, bool on)
{
	if (t->mouse == on || !t->modern)
		return;
	t->mouse = on;
	if (!t->away)
		str_add(&t->waiting, on ? mouse_on : mouse_off);
}

static void add_base64(struct str *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t bits = (uint32_t)bytes[i] << 16;

		bits |= i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0;
		bits |= i + 2 < n ? bytes[i + 2] : 0;
		str_add_char(out, digits[bits >> 18 & 63]);
		str_add_char(out, digits[bits >> 12 & 63]);
		str_add_char(out, i + 1 < n ? digits[bits >> 6 & 63] : '=');
		str_add_char(out, i + 2 < n ? digits[bits & 63] : '=');
	}
}

// GNU screen passes strings of limited length on to the terminal around it, without what encloses them.
static void pass_through_screen(struct str *out, const struct str *sequence)
{
	enum { MOST = 700 };

	for (size_t at = 0; at < sequence->length; at += MOST)
		str_addf(out, "\033P%.*s\033\\", MOST, sequence->text + at);
}

int term_copy(struct term *t, const char *text, size_t n, struct err *e)
{
	auto_str visible = {0}, sequence = {0};

	str_add_visible(&visible, text, n);
	if (visible.length > CLIPBOARD_MAX)
		return err_msg(e, E2BIG, "%zu bytes are too many for the clipboard of a terminal (at most %d)", visible.length, CLIPBOARD_MAX);
	if (term_pending(t))
		return err_msg(e, EAGAIN, "the line is busy: copy again in a moment");
	if (!t->modern)
		return err_msg(e, ENOTSUP, "a terminal of type '%s' has no clipboard", t->type);
	str_add(&sequence, "\033]52;c;");
	add_base64(&sequence, (const unsigned char *)str_text(&visible), visible.length);
	str_add_char(&sequence, '\a');
	if (!t->multiplexed || !is_set("STY")) // over ssh, a terminal of this type may be one of tmux
		str_add(&t->waiting, str_text(&sequence));
	if (t->multiplexed)
		pass_through_screen(&t->waiting, &sequence);
	else if (t->caps.nested)
		str_addf(&t->waiting, "\033Ptmux;\033%s\033\\", str_text(&sequence));
	int r = term_flush(t, e);
	return r < 0 ? r : 0;
}

void term_title(struct term *t, const char *text)
{
	if (!t->caps.titles || t->away)
		return;
	if (!t->titled) {
		str_add(&t->waiting, title_save);
		t->titled = true;
		arm(t);
	}
	str_add(&t->waiting, "\033]2;");
	str_add_visible(&t->waiting, text, strnlen(text, 200));
	str_add(&t->waiting, "\033\\");
}

struct term_stats term_stats(const struct term *t)
{
	return t->stats;
}
