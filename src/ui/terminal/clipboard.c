// The clipboard of the user's own machine (OSC 52).
#include <errno.h>

#include "base/mem.h"

#include "state.h"

enum { CLIPBOARD_MAX = 74000 }; // the limit of terminals for one OSC 52, before base64

static void clipboard_add_base64(struct str *out, const unsigned char *bytes, size_t n)
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

// GNU screen passes strings of limited length on to the outer terminal, without their envelope.
static void clipboard_wrap_for_screen(struct str *out, const struct str *sequence)
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
		return err_msg(e, E2BIG, "cannot copy %zu bytes: terminals accept at most %d", visible.length,
		               CLIPBOARD_MAX);
	if (term_pending(t))
		return err_msg(e, EAGAIN, "the terminal is busy (copy again in a moment)");
	if (!t->modern)
		return err_msg(e, ENOTSUP, "a terminal of type '%s' has no clipboard", t->type);
	str_add(&sequence, "\033]52;c;");
	clipboard_add_base64(&sequence, (const unsigned char *)str_text(&visible), visible.length);
	str_add_char(&sequence, '\a');
	if (!t->multiplexed || !t->in_screen) // over ssh, a terminal of this type may be tmux
		str_add(&t->waiting, str_text(&sequence));
	if (t->multiplexed)
		clipboard_wrap_for_screen(&t->waiting, &sequence);
	else if (t->caps.nested)
		str_addf(&t->waiting, "\033Ptmux;\033%s\033\\", str_text(&sequence));
	int r = term_flush(t, e);
	return r < 0 ? r : 0;
}
