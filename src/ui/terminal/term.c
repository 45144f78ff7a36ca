// The terminal: see ui/term.h. Opens and restores it, and sends everything other than frames.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"

#include "ground.h"
#include "guard.h"
#include "curses_screen.h"
#include "state.h"

static const char mouse_on[] = "\033[?1000h\033[?1006h", mouse_off[] = "\033[?1006l\033[?1000l";
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";
static const char title_save[] = "\033[22;2t", title_back[] = "\033[23;2t";

// The bytes that restore the terminal; also written by the signal handlers.
static void term_add_leaving(const struct term *t, struct str *out)
{
	if (t->modern)
		str_addf(out, "%s%s%s", SYNC_OFF, mouse_off, paste_off);
	if (t->titled)
		str_add(out, title_back);
	curses_add_capability(out, "rmkx");
	curses_add_capability(out, "op");
	curses_add_capability(out, "sgr0");
	curses_add_capability(out, "cnorm");
	curses_add_capability(out, "rmcup");
	if (!*curses_capability("rmcup")) // no alternate screen: the prompt goes below ours
		str_add(out, "\r\n");
}

static void term_arm_guard(const struct term *t)
{
	auto_str text = {0};

	term_add_leaving(t, &text);
	guard_arm(t->writer, &t->modes, str_text(&text), text.length);
}

static int term_set_raw(const struct term *t, struct err *e)
{
	struct termios raw = t->modes;

	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(t->in, TCSADRAIN, &raw) < 0)
		return err_set(e, errno, "cannot set the modes of the terminal");
	return 0;
}

static void term_enter(struct term *t)
{
	sgr_forget(&t->sgr);
	curses_add_capability(&t->waiting, "smkx");
	if (t->modern)
		str_add(&t->waiting, paste_on);
	if (t->modern && t->mouse)
		str_add(&t->waiting, mouse_on);
	curses_hide_cursor();
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
	term_open_writer(t);
	if (curses_start(t, options, e) < 0) {
		term_close(t);
		return NULL;
	}
	term_arm_guard(t);
	if (term_set_raw(t, e) < 0) {
		term_close(t);
		return NULL;
	}
	term_enter(t);
	ground_ask(t);
	return t;
}

void term_suspend(struct term *t)
{
	if (t->away)
		return;
	// pending output belongs to a frame that will not be seen
	if (t->waiting_at == 0)
		str_clear(&t->waiting);
	curses_leave(t);
	term_add_leaving(t, &t->waiting);
	term_drain(t);
	tcsetattr(t->in, ground_is_due(t) ? TCSAFLUSH : TCSADRAIN, &t->modes);
	guard_disarm();
	t->away = true;
}

int term_resume(struct term *t, struct err *e)
{
	if (!t->away)
		return 0;
	term_arm_guard(t);
	int r = term_set_raw(t, e);
	if (r < 0)
		return r;
	t->titled = false;
	t->read_at = t->read_end = 0;
	key_decoder_forget(&t->decoder);
	term_enter(t);
	return 0;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	if (curses_is_open(t))
		term_suspend(t);
	guard_disarm();
	curses_close(t);
	if (t->writer >= 0 && !t->may_block)
		close(t->writer);
	key_decoder_done(&t->decoder);
	str_done(&t->waiting);
	free(t->type);
	free(t->notice);
	free(t);
}

const char *term_notice(const struct term *t)
{
	return t->notice;
}

uint32_t term_ground(const struct term *t)
{
	return t->ground;
}

struct term_caps term_caps(const struct term *t)
{
	return t->caps;
}

void term_redraw(struct term *t)
{
	t->fresh = true;
}

void term_mouse(struct term *t, bool on)
{
	if (t->mouse == on || !t->modern)
		return;
	t->mouse = on;
	if (!t->away)
		str_add(&t->waiting, on ? mouse_on : mouse_off);
}

void term_title(struct term *t, const char *text)
{
	if (!t->caps.titles || t->away)
		return;
	if (!t->titled) {
		str_add(&t->waiting, title_save);
		t->titled = true;
		term_arm_guard(t);
	}
	str_add(&t->waiting, "\033]2;");
	str_add_visible(&t->waiting, text, strnlen(text, 200));
	str_add(&t->waiting, "\033\\");
}

void term_alert(struct term *t, const char *text)
{
	if (t->away)
		return;
	if (!text || !t->caps.titles) {
		str_add_char(&t->waiting, '\a');
		return;
	}
	str_add(&t->waiting, "\033]9;");
	str_add_visible(&t->waiting, text, strnlen(text, 200));
	str_add(&t->waiting, "\033\\");
}

struct term_stats term_stats(const struct term *t)
{
	return t->stats;
}
