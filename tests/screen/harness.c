// See harness.h.
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/key.h"

struct screen {
	VTerm *vterm;
	VTermScreen *cells;
	int master, slave;
	pid_t pid;
	bool ended;
	int status;
	bool stalled;
	struct screen_modes modes;
	struct str sent;      // everything the program wrote
	size_t parsed;        // of it, given to libvterm
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static _Noreturn void give_up(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(99);
}

static void set_environment(const char *const *more)
{
	static const char *const base[] = {"TERM=xterm-256color", "LANG=C.UTF-8", "HOME=/proc/nonexistent", "SHELL=/bin/sh"};
	auto_free char *path = mem_strdup(getenv("PATH")), *asan = mem_strdup(getenv("ASAN_OPTIONS"));

	clearenv();
	setenv("PATH", path ? path : "/usr/bin:/bin", 1);
	if (asan)
		setenv("ASAN_OPTIONS", asan, 1);
	for (size_t i = 0; i < ARRAY_SIZE(base); i++)
		putenv(mem_strdup(base[i]));
	for (; more && *more; more++)
		putenv(mem_strdup(*more)); // a name alone is taken out
}

static _Noreturn void run_child(const struct screen_start *start)
{
	set_environment(start->environ);
	// what the test program was started with must not reach the one on the screen
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(start->argv[0], (char *const *)start->argv);
	fprintf(stderr, "cannot run '%s': %s\n", start->argv[0], strerror(errno));
	_exit(127);
}

static int on_property(VTermProp prop, VTermValue *value, void *user)
{
	struct screen *s = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		s->modes.alternate = value->boolean;
	else if (prop == VTERM_PROP_CURSORVISIBLE)
		s->modes.cursor = value->boolean;
	else if (prop == VTERM_PROP_MOUSE)
		s->modes.mouse = value->number != VTERM_PROP_MOUSE_NONE;
	return 1;
}

static void open_vterm(struct screen *s, int rows, int columns)
{
	static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

	s->vterm = vterm_new(rows, columns);
	vterm_set_utf8(s->vterm, 1);
	s->cells = vterm_obtain_screen(s->vterm);
	vterm_screen_set_callbacks(s->cells, &callbacks, s);
	vterm_screen_enable_altscreen(s->cells, 1);
	vterm_screen_reset(s->cells, 1);
	s->modes.cursor = true;
}

struct screen *screen_start(const struct screen_start *start)
{
	struct screen *s = mem_new(sizeof(*s));
	struct winsize size = {.ws_row = (unsigned short)start->rows, .ws_col = (unsigned short)start->columns};

	fflush(NULL);
	if (openpty(&s->master, &s->slave, NULL, NULL, &size) < 0)
		give_up("openpty");
	s->pid = fork();
	if (s->pid < 0)
		give_up("fork");
	if (s->pid == 0) {
		close(s->master);
		if (login_tty(s->slave) < 0)
			_exit(126);
		run_child(start);
	}
	// our end of the slave stays open, so that the master tells the modes after the program has ended
	fcntl(s->master, F_SETFL, O_NONBLOCK);
	fcntl(s->master, F_SETFD, FD_CLOEXEC);
	fcntl(s->slave, F_SETFD, FD_CLOEXEC);
	open_vterm(s, start->rows, start->columns);
	return s;
}

static void reap(struct screen *s)
{
	if (!s->ended && waitpid(s->pid, &s->status, WNOHANG) == s->pid)
		s->ended = true;
}

void screen_stop(struct screen *s)
{
	if (!s)
		return;
	reap(s);
	if (!s->ended) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, &s->status, 0);
	}
	if (s->master >= 0)
		close(s->master);
	if (s->slave >= 0)
		close(s->slave);
	vterm_free(s->vterm);
	str_done(&s->sent);
	free(s);
}

pid_t screen_pid(const struct screen *s)
{
	return s->pid;
}

// The length of the escape sequence at TEXT, 0 while its end has not come.
static size_t sequence_length(const char *text, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return 0;
	if (text[1] == ']' || text[1] == 'P') {
		for (; i < n; i++)
			if (text[i] == '\a' || (text[i] == '\033' && i + 1 < n && text[i + 1] == '\\'))
				return text[i] == '\a' ? i + 1 : i + 2;
		return 0;
	}
	if (text[1] != '[') {
		while (i < n && text[i - 1] >= 0x20 && text[i - 1] < 0x30) // ESC ( B
			i++;
		return text[i - 1] >= 0x20 && text[i - 1] < 0x30 ? 0 : i;
	}
	while (i < n && (text[i] < 0x40 || text[i] > 0x7e))
		i++;
	return i < n ? i + 1 : 0;
}

// Private modes that libvterm does not tell.
static void watch_sequence(struct screen *s, const char *text, size_t n)
{
	static const struct {
		const char *name;
		size_t offset;
	} modes[] = {{"\033[?2004", offsetof(struct screen_modes, paste)},
	             {"\033[?2026", offsetof(struct screen_modes, synchronized)}};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (n == strlen(modes[i].name) + 1 && memcmp(text, modes[i].name, n - 1) == 0)
			*(bool *)((char *)&s->modes + modes[i].offset) = text[n - 1] == 'h';
}

// The part of the N bytes of TEXT before a character whose end has not been read yet: libvterm shows such a one wrongly.
static size_t whole_characters(const char *text, size_t n)
{
	size_t begin = n;

	while (begin > 0 && n - begin < 3 && ((unsigned char)text[begin - 1] & 0xc0) == 0x80)
		begin--;
	unsigned char first = begin > 0 ? (unsigned char)text[begin - 1] : 0;
	size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	return length > n - begin + 1 ? begin - 1 : n;
}

static void parse(struct screen *s)
{
	while (s->parsed < s->sent.length) {
		const char *text = s->sent.text + s->parsed;
		size_t n = s->sent.length - s->parsed, length;

		if (*text == '\033') {
			length = sequence_length(text, n);
			if (!length)
				return;
			watch_sequence(s, text, length);
		} else {
			const char *next = memchr(text, '\033', n);
			length = next ? (size_t)(next - text) : whole_characters(text, n);
			if (!length)
				return;
		}
		vterm_input_write(s->vterm, text, length);
		s->parsed += length;
	}
}

// Reads what is there, waiting up to TIMEOUT milliseconds for the first byte. Returns whether something came.
static bool read_some(struct screen *s, int timeout)
{
	struct pollfd ready = {.fd = s->master, .events = POLLIN};
	char bytes[65536];
	bool came = false;

	if (s->stalled || s->master < 0) {
		poll(NULL, 0, timeout < 10 ? timeout : 10);
		return false;
	}
	while (poll(&ready, 1, came ? 0 : timeout) > 0) {
		ssize_t n = read(s->master, bytes, sizeof(bytes));

		if (n <= 0)
			break;
		str_add_bytes(&s->sent, bytes, (size_t)n);
		came = true;
	}
	parse(s);
	return came;
}

bool screen_until(struct screen *s, bool (*condition)(struct screen *s, const void *context), const void *context)
{
	int64_t deadline = now_ms() + SCREEN_WAIT_MS;

	read_some(s, 0);
	while (!condition(s, context)) {
		bool ended = s->ended;

		reap(s);
		if (now_ms() > deadline || (!read_some(s, 20) && ended))
			return condition(s, context);
	}
	return true;
}

static bool has_text(struct screen *s, const void *text)
{
	return screen_find(s, text, NULL) >= 0;
}

static bool has_not(struct screen *s, const void *text)
{
	return screen_find(s, text, NULL) < 0;
}

bool screen_shows(struct screen *s, const char *text)
{
	return screen_until(s, has_text, text);
}

bool screen_lost(struct screen *s, const char *text)
{
	return screen_until(s, has_not, text);
}

static bool has_ended(struct screen *s, const void *context)
{
	(void)context;
	return s->ended;
}

int screen_ended(struct screen *s)
{
	screen_until(s, has_ended, NULL);
	read_some(s, 0);
	return s->ended ? s->status : -1;
}

void screen_settle(struct screen *s, int quiet_ms)
{
	int64_t deadline = now_ms() + SCREEN_WAIT_MS;

	while (read_some(s, quiet_ms) && now_ms() < deadline) {
	}
}

void screen_send(struct screen *s, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t written = write(s->master, bytes, n);

		if (written < 0 && errno != EAGAIN)
			return;
		bytes += written > 0 ? written : 0;
		n -= written > 0 ? (size_t)written : 0;
		if (n > 0)
			read_some(s, 10);
	}
}

// What xterm sends for a key in application mode. A lone ESC byte would be told from Alt only by the time until the
// next one, which no test can promise: Esc is sent as terminals with an unambiguous keyboard send it.
static void add_key(struct str *out, uint32_t code)
{
	static const struct {
		uint32_t code;
		const char *bytes;
	} rows[] = {
		{K_UP, "\033OA"}, {K_DOWN, "\033OB"}, {K_RIGHT, "\033OC"}, {K_LEFT, "\033OD"}, {K_HOME, "\033OH"},
		{K_END, "\033OF"}, {K_PGUP, "\033[5~"}, {K_PGDN, "\033[6~"}, {K_INSERT, "\033[2~"}, {K_DELETE, "\033[3~"},
		{K_F1, "\033OP"}, {K_F1 + 1, "\033OQ"}, {K_F1 + 2, "\033OR"}, {K_F1 + 3, "\033OS"}, {K_F1 + 4, "\033[15~"},
		{K_F1 + 5, "\033[17~"}, {K_F1 + 6, "\033[18~"}, {K_F1 + 7, "\033[19~"}, {K_F1 + 8, "\033[20~"}, {K_F1 + 9,
		 "\033[21~"},
		{K_F1 + 10, "\033[23~"}, {K_F12, "\033[24~"},      {K_TAB | K_SHIFT, "\033[Z"}, {K_ESC, "\033[27u"},
		{K_CTRL | K_SPACE, NULL},
	};
	char text[4];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].code != code)
			continue;
		if (rows[i].bytes)
			str_add(out, rows[i].bytes);
		else
			str_add_char(out, '\0');
		return;
	}
	if (code & K_ALT)
		str_add_char(out, '\033');
	uint32_t plain = code & ~(uint32_t)K_MODIFIERS;
	if (code & K_CTRL)
		plain &= 0x1f;
	str_add_bytes(out, text, str_encode(plain, text));
}

void screen_keys(struct screen *s, const char *keys)
{
	auto_strv words = {0};

	strv_split(&words, keys, " ");
	for (size_t i = 0; i < words.count; i++) {
		const char *word = words.items[i];
		auto_str bytes = {0};
		uint32_t code;

		if (word[0] == '=' && word[1])
			str_add(&bytes, word + 1);
		else if (key_parse(word, &code) == 0)
			add_key(&bytes, code);
		else
			errno = EINVAL, give_up(word);
		screen_send(s, bytes.text, bytes.length);
	}
}

struct screen_cell screen_cell(struct screen *s, int row, int column)
{
	struct screen_cell out = {.fg = SCREEN_DEFAULT, .bg = SCREEN_DEFAULT};
	VTermScreenCell cell;
	size_t at = 0;
	const VTermColor *colours[] = {&cell.fg, &cell.bg};
	int32_t *values[] = {&out.fg, &out.bg};

	if (!vterm_screen_get_cell(s->cells, (VTermPos){row, column}, &cell))
		return out;
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] && cell.chars[i] != UINT32_MAX; i++)
		at += str_encode(cell.chars[i], out.text + at);
	out.text[at] = '\0';
	out.width = cell.width;
	out.bold = cell.attrs.bold;
	out.underline = cell.attrs.underline != 0;
	out.reverse = cell.attrs.reverse;
	for (int i = 0; i < 2; i++)
		if (i == 0 ? !VTERM_COLOR_IS_DEFAULT_FG(colours[i]) : !VTERM_COLOR_IS_DEFAULT_BG(colours[i]))
			*values[i] = VTERM_COLOR_IS_INDEXED(colours[i]) ? colours[i]->indexed.idx
			                                                : 0x1000000 | colours[i]->rgb.red << 16 |
			                                                      colours[i]->rgb.green << 8 | colours[i]->rgb.blue;
	return out;
}

const char *screen_row(struct screen *s, int row)
{
	static char texts[8][8192];
	static int turn;
	char *out = texts[turn++ % 8];
	int rows, columns;
	size_t at = 0;

	vterm_get_size(s->vterm, &rows, &columns);
	for (int column = 0; row >= 0 && row < rows && column < columns && at + 40 < sizeof(texts[0]);) {
		struct screen_cell cell = screen_cell(s, row, column);

		at += strlen(strcpy(out + at, *cell.text ? cell.text : " "));
		column += cell.width > 0 ? cell.width : 1;
	}
	while (at > 0 && out[at - 1] == ' ')
		at--;
	out[at] = '\0';
	return out;
}

int screen_find(struct screen *s, const char *text, int *column)
{
	int rows, columns;

	vterm_get_size(s->vterm, &rows, &columns);
	for (int row = 0; row < rows; row++) {
		const char *line = screen_row(s, row), *found = strstr(line, text);

		if (!found)
			continue;
		// its column: cells up to the byte
		for (size_t at = 0, want = (size_t)(found - line); column; ++*column) {
			if (at == 0)
				*column = 0;
			if (at >= want)
				break;
			struct screen_cell cell = screen_cell(s, row, *column);
			at += *cell.text ? strlen(cell.text) : 1;
			*column += cell.width > 1;
		}
		return row;
	}
	return -1;
}

void screen_size(struct screen *s, int *rows, int *columns)
{
	vterm_get_size(s->vterm, rows, columns);
}

void screen_print(struct screen *s, FILE *out)
{
	int rows, columns;

	vterm_get_size(s->vterm, &rows, &columns);
	for (int row = 0; row < rows; row++)
		fprintf(out, "%s\n", screen_row(s, row));
}

bool screen_coloured(struct screen *s)
{
	int rows, columns;

	vterm_get_size(s->vterm, &rows, &columns);
	for (int row = 0; row < rows; row++)
		for (int column = 0; column < columns; column++) {
			struct screen_cell cell = screen_cell(s, row, column);

			if (cell.fg != SCREEN_DEFAULT || cell.bg != SCREEN_DEFAULT)
				return true;
		}
	return false;
}

bool screen_ascii(struct screen *s)
{
	for (size_t i = 0; i < s->sent.length; i++)
		if ((unsigned char)s->sent.text[i] >= 0x80)
			return false;
	return true;
}

struct screen_modes screen_modes(struct screen *s)
{
	struct termios modes;
	VTermPos cursor;

	vterm_state_get_cursorpos(vterm_obtain_state(s->vterm), &cursor);
	s->modes.cursor_row = cursor.row;
	s->modes.cursor_column = cursor.col;
	s->modes.raw = tcgetattr(s->slave, &modes) == 0 && !(modes.c_lflag & (ECHO | ICANON | ISIG));
	return s->modes;
}

void screen_resize(struct screen *s, int rows, int columns)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	vterm_set_size(s->vterm, rows, columns);
	ioctl(s->master, TIOCSWINSZ, &size);
}

void screen_signal(struct screen *s, int number)
{
	kill(s->pid, number);
}

void screen_hang_up(struct screen *s)
{
	close(s->slave);
	close(s->master);
	s->slave = s->master = -1;
}

size_t screen_bytes(const struct screen *s)
{
	return s->sent.length;
}

static int compare_sizes(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

size_t screen_frames(const struct screen *s, size_t from, size_t *sizes, size_t room)
{
	static const char begin[] = "\033[?2026h", end[] = "\033[?2026l";
	const char *at = from < s->sent.length ? s->sent.text + from : NULL;
	size_t count = 0;

	while (at && count < room && (at = strstr(at, begin))) {
		const char *stop = strstr(at, end);

		if (!stop)
			break;
		sizes[count++] = (size_t)(stop - at) + strlen(end);
		at = stop;
	}
	qsort(sizes, count, sizeof(*sizes), compare_sizes);
	return count;
}

void screen_stall(struct screen *s, bool stalled)
{
	s->stalled = stalled;
}

bool screen_sent(const struct screen *s, size_t from, const char *bytes)
{
	return from < s->sent.length && memmem(s->sent.text + from, s->sent.length - from, bytes, strlen(bytes));
}
