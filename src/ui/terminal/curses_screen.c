// Curses and terminfo: see curses_screen.h.
//
// Curses draws into a memory file instead of the terminal, so that a frame is one block of bytes: it is counted,
// converted to true colours, made synchronous and sent with one non-blocking write. Modes, keys and signals are
// handled by us, not by curses.
#include "curses_screen.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

#include "builtin.h"
#include "curses_state.h"
#include "database.h"
#include "state.h"

// terminfo's names of our keys; sequences from terminfo override the decoder's tables.
static const struct {
	const char *name;
	uint32_t code;
} terminfo_keys[] = {
	{"kcuu1", K_UP}, {"kcud1", K_DOWN}, {"kcub1", K_LEFT}, {"kcuf1", K_RIGHT}, {"khome", K_HOME}, {"kend", K_END},
	{"kpp", K_PGUP},     {"knp", K_PGDN},     {"kich1", K_INSERT}, {"kdch1", K_DELETE}, {"kcbt", K_TAB | K_SHIFT},
	{"kf1", K_F1}, {"kf2", K_F1 + 1}, {"kf3", K_F1 + 2}, {"kf4", K_F1 + 3}, {"kf5", K_F1 + 4}, {"kf6", K_F1 + 5},
	{"kf7", K_F1 + 6}, {"kf8", K_F1 + 7}, {"kf9", K_F1 + 8}, {"kf10", K_F1 + 9}, {"kf11", K_F1 + 10}, {"kf12", K_F12},
	{"kbs", K_BACKSPACE},
};

const char *curses_capability(const char *name)
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

void curses_add_capability(struct str *out, const char *name)
{
	for (const char *p = curses_capability(name); *p; p++) {
		if (p[0] == '$' && p[1] == '<' && strchr(p, '>'))
			p = strchr(p, '>');
		else
			str_add_char(out, *p);
	}
}

// Whether the environment announces true colours.
static bool announces_rgb(void)
{
	const char *colorterm = getenv("COLORTERM");

	return colorterm && (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0);
}

static enum depth curses_depth(const struct term *t, const struct term_options *o)
{
	enum depth depth = DEPTH_NONE;

	if (o->no_colour || is_set("NO_COLOR") || !has_colors())
		return DEPTH_NONE;
	// GNU screen inherits the variable from the outer terminal but does not support true colours
	if (COLORS > 256 ||
	    (COLORS == 256 && !t->multiplexed && (announces_rgb() || tigetflag("RGB") > 0 || tigetflag("Tc") > 0)))
		depth = DEPTH_RGB;
	else
		depth = COLORS >= 256 ? DEPTH_256 : COLORS >= 16 ? DEPTH_16 : COLORS >= 8 ? DEPTH_8 : DEPTH_NONE;
	return o->depth && o->depth < depth ? o->depth : depth;
}

static enum glyphs curses_glyphs(const struct term *t, const struct term_options *o)
{
	static const char *const consoles[] = {"linux", "cons", "bterm"};

	if (o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return GLYPHS_ASCII;
	return type_is(t, consoles, ARRAY_SIZE(consoles)) ? GLYPHS_BLOCKS : GLYPHS_BRAILLE;
}

static void curses_find_caps(struct term *t, const struct term_options *o)
{
	static const char *const old[] = {"linux", "vt1",  "vt2",    "vt3", "vt4", "vt5",   "ansi",
	                                  "dumb",  "cons", "cygwin", "sun", "wy",  "bterm", "hurd"};
	static const char *const titled[] = {"xterm", "tmux", "rxvt",    "foot",  "alacritty",
	                                     "kitty", "st",   "konsole", "gnome", "vte"};

	t->modern = !type_is(t, old, ARRAY_SIZE(old));
	t->multiplexed = str_starts(t->type, "screen") && !is_set("TMUX");
	t->caps.nested = str_starts(t->type, "tmux") || is_set("TMUX");
	t->in_screen = is_set("STY");
	t->caps.remote = is_set("SSH_CONNECTION") || is_set("SSH_TTY");
	t->caps.titles = t->modern && type_is(t, titled, ARRAY_SIZE(titled));
	t->caps.glyphs = curses_glyphs(t, o);
	t->caps.depth = curses_depth(t, o);
	t->curses->erases = tigetflag("bce") > 0;
	// where the last column does not wrap at once, the cursor stays in its row until it is moved
	t->sgr.moves_in_row = tigetflag("xenl") > 0 && strcmp(curses_capability("hpa"), "\033[%i%p1%dG") == 0;
	t->sgr.resets_one = t->modern || str_starts(t->type, "linux");
	t->virtual = t->caps.depth == DEPTH_RGB && COLORS == 256;
}

// Undoes the handlers that curses installs; signals belong to the caller and the guard.
static SCREEN *curses_open_type(const char *type, FILE *out, FILE *in)
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

// Curses cannot query a memory file for the terminal's size, but needs it from the start for the scrolling region.
// ENTRY is a description that replaces the database's, or NULL.
static SCREEN *curses_open_sized(const struct term *t, const char *type, const char *entry)
{
	static const char *const names[] = {"LINES", "COLUMNS", "TERMINFO"};
	auto_free char *lines = mem_strdup(getenv(names[0])), *columns = mem_strdup(getenv(names[1])),
	               *database = mem_strdup(getenv(names[2]));
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
	SCREEN *screen = curses_open_type(type, t->curses->file, t->curses->input);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		set_variable(names[i], saved[i]);
	return screen;
}

// terminfo's own lists; not from its header, which defines macros for many common words.
extern const char *const boolnames[], *const numnames[], *const strnames[];

static SCREEN *curses_open_builtin(const struct term *t)
{
	auto_free char *entry = builtin_terminfo(&(struct capability_names){boolnames, numnames, strnames});

	return curses_open_sized(t, "xterm-256color", entry);
}

// Whether terminals of this name are xterm-like, so that the built-in description suits them.
static bool is_like_xterm(const struct term *t)
{
	static const char *const like[] = {"xterm", "alacritty", "foot",   "kitty",       "ghostty",    "wezterm",
	                                   "tmux",  "screen",    "rxvt",   "konsole",     "gnome",      "vte",
	                                   "st-",   "contour",   "mintty", "putty",       "mlterm",     "iterm",
	                                   "iTerm", "rio",       "nsterm", "ms-terminal", "vscode",     "hterm",
	                                   "kterm", "mrxvt",     "aterm",  "Eterm",       "terminology"};

	return type_is(t, like, ARRAY_SIZE(like)) || strcmp(t->type, "st") == 0 || str_ends(t->type, "-256color");
}

// The database gives "xterm" its historical 8 colours; a terminal of that name that announces more has them.
// GNU screen inherits the announcement from the outer terminal.
static bool has_more_colours(const struct term *t)
{
	return announces_rgb() && is_like_xterm(t) && !is_set("STY") && database_colours(t->type, t->out) == 8;
}

// GNU screen erases in the background colour only if configured; a TERM that names the outer terminal does not tell.
static bool is_inside_screen(const struct term *t)
{
	return is_set("STY") && str_starts(t->type, "xterm");
}

static int curses_open(struct term *t, struct err *e)
{
	bool more = has_more_colours(t), known = *t->type && !is_inside_screen(t);

	t->curses->screen = known && !more ? curses_open_sized(t, t->type, NULL) : NULL;
	if (t->curses->screen && *curses_capability("cup"))
		return 0;
	if (!*t->type)
		return err_msg(
		    e, ENOTTY,
		    "TERM is not set (set it to the terminal's type, for example TERM=xterm-256color, or use --linear)");
	if (t->curses->screen)
		return err_msg(
		    e, ENOTTY,
		    "terminal type '%s' has no cursor addressing (set TERM to the actual type, or use "
		    "--linear)",
		    t->type);
	if (is_like_xterm(t))
		t->curses->screen = curses_open_builtin(t);
	if (!t->curses->screen)
		return err_msg(e, ENOTTY,
		               "unknown terminal type '%s', or it has no cursor addressing (try TERM=xterm-256color, "
		               "install ncurses-term, or use --linear)",
		               t->type);
	if (known && !more)
		t->notice = mem_printf(
		    "unknown terminal type '%s': treated as xterm-256color (install ncurses-term, or its own "
		    "terminfo entry)",
		    t->type);
	return 0;
}

static int curses_init(struct term *t, struct err *e)
{
	int memory = memfd_create("screen", MFD_CLOEXEC), in = fcntl(t->in, F_DUPFD_CLOEXEC, 3);

	t->curses->file = memory < 0 ? NULL : fdopen(memory, "w+");
	t->curses->input = in < 0 ? NULL : fdopen(in, "r");
	if (!t->curses->file || !t->curses->input)
		return err_set(e, errno, "cannot prepare the screen");
	int r = curses_open(t, e);
	if (r < 0)
		return r;
	typeahead(-1); // a key never interrupts a frame
	if (has_colors()) {
		start_color();
		use_default_colors();
	}
	idlok(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	return 0;
}

static void curses_learn_keys(struct term *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(terminfo_keys); i++)
		if (curses_capability(terminfo_keys[i].name)[0] == '\033' || terminfo_keys[i].code == K_BACKSPACE)
			key_decoder_add(&t->decoder, curses_capability(terminfo_keys[i].name), terminfo_keys[i].code);
}

int curses_start(struct term *t, const struct term_options *options, struct err *e)
{
	t->curses = mem_new(sizeof(*t->curses));
	int r = curses_init(t, e);
	if (r < 0)
		return r;
	curses_find_caps(t, options);
	curses_learn_keys(t);
	return 0;
}

bool curses_is_open(const struct term *t)
{
	return t->curses && t->curses->screen;
}

void curses_hide_cursor(void)
{
	curs_set(0);
}

void curses_leave(struct term *t)
{
	endwin();
	term_collect(t);
}

void curses_close(struct term *t)
{
	struct curses *c = t->curses;

	if (!c)
		return;
	if (c->screen)
		delscreen(c->screen);
	if (c->file)
		fclose(c->file);
	if (c->input)
		fclose(c->input);
	canvas_done(&c->shown);
	free(c);
}
