// Decodes terminal input into keys: see ui/key.h.
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "csi.h"
#include "reply.h"
#include "ui/key.h"

// The result of decoding the beginning of the buffer.
enum {
	MORE = 0,  // incomplete
	// otherwise the bytes consumed; the key is K_NONE if they are ignored
};

enum { REPLY_MAX = 4 << 20 }; // bytes: longer than any reply, even a clipboard

static const char paste_end[] = "\033[201~";

static size_t decode_next(struct key_decoder *d, bool final, struct key *key);

void key_decoder_done(struct key_decoder *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->extra_count; i++)
		free(d->extra[i].bytes);
	free(d->extra);
	*d = (struct key_decoder){0};
}

void key_decoder_add(struct key_decoder *d, const char *bytes, uint32_t code)
{
	if (!*bytes)
		return;
	d->extra = mem_resize(d->extra, d->extra_count + 1, sizeof(*d->extra));
	d->extra[d->extra_count++] = (struct key_sequence){mem_strdup(bytes), code};
}

size_t key_decoder_feed(struct key_decoder *d, const char *bytes, size_t n)
{
	size_t room = sizeof(d->buffer) - d->length;

	if (n > room)
		n = room;
	memcpy(d->buffer + d->length, bytes, n);
	d->length += n;
	return n;
}

bool key_decoder_waits(const struct key_decoder *d)
{
	return d->length > 0 && !d->held;
}

void key_decoder_forget(struct key_decoder *d)
{
	d->length = d->tail_length = 0;
	d->pasting = d->held = false;
	d->skip = SKIP_NONE;
	d->late = LATE_NONE;
	d->reporting = d->report_ready = false;
}

// Decodes the sequence introduced by LETTER, from the byte after it. Returns the bytes consumed, or MORE.
static size_t decode_sequence(struct key_decoder *d, char letter, const char *p, size_t n, struct key *key,
                              size_t before)
{
	size_t taken = 0;

	if (reply_is_string(letter)) {
		d->skip = SKIP_STRING;
		d->skipped = d->reported = 0;
		d->reporting = letter == ']';
		return before;
	}
	if ((letter == '[' || letter == 'O') && (n == 0 || csi_goes_on(p[0])))
		taken = letter == '[' ? csi_decode(p, n, key, &d->pasting) : csi_decode_ss3(p, n, key);
	else
		return before; // another C1 control: not a key
	return taken ? taken + before : MORE;
}

// The length of the longest added sequence at P; sets *PARTIAL to MORE if the bytes are the beginning of one.
static size_t decode_extra(const struct key_decoder *d, const char *p, size_t n, struct key *key, bool *partial)
{
	size_t best = 0;

	for (size_t i = 0; i < d->extra_count; i++) {
		size_t length = strlen(d->extra[i].bytes);

		if (memcmp(p, d->extra[i].bytes, n < length ? n : length) != 0)
			continue;
		if (n < length) {
			*partial = true;
		} else if (length > best) {
			best = length;
			key->code = d->extra[i].code;
		}
	}
	return best;
}

// Waits for the remaining bytes of an incomplete character: alone they would be C1 controls.
static size_t decode_character(const char *p, size_t n, uint32_t *cp)
{
	size_t length = str_decode(p, n, cp);

	if (length)
		return length;
	*cp = 0;
	bool cut = n < 4 && (unsigned char)p[0] >= 0xc2 && (unsigned char)p[0] <= 0xf4;
	for (size_t i = 1; i < n; i++)
		cut = cut && ((unsigned char)p[i] & 0xc0) == 0x80;
	return cut ? MORE : 1;
}

static size_t decode_plain(const char *p, size_t n, struct key *key)
{
	uint32_t cp;
	size_t length = decode_character(p, n, &cp);

	key->code = length && (cp || p[0] == '\0') ? csi_plain_key(cp) : (uint32_t)K_NONE;
	return length;
}

// Esc, or Alt and TAIL (0: none), was reported as a key, but the rest of a sequence may still arrive.
static void expect_late(struct key_decoder *d, char tail)
{
	d->late = LATE_KEY;
	d->tail[0] = tail;
	d->tail_length = tail != 0;
}

static size_t decode_escape(struct key_decoder *d, const char *p, size_t n, bool final, struct key *key);

// Two ESC at P: rxvt sends them for Alt and a key that is a sequence.
static size_t decode_double(struct key_decoder *d, const char *p, size_t n, bool final, struct key *key)
{
	if (n > 1 && (p[1] == '[' || p[1] == 'O')) {
		size_t taken = decode_escape(d, p + 1, n - 1, final, key);

		key->code |= key->code ? K_ALT : 0;
		return taken ? taken + 1 : MORE;
	}
	key->code = K_ESC;
	return n > 1 || final ? 1 : MORE;
}

// After ESC: a sequence, the digit of an F-key, or Alt and a key.
static size_t decode_escape(struct key_decoder *d, const char *p, size_t n, bool final, struct key *key)
{
	char c1 = 0;
	bool begins = n > 0 && (p[0] == '[' || p[0] == 'O'), string = n > 0 && reply_is_string(p[0]);

	// otherwise it is Alt and the character, then another key
	if ((begins && (n == 1 || csi_goes_on(p[1]))) || (string && n > 1))
		return decode_sequence(d, p[0], p + 1, n - 1, key, 2);
	if (string && !final)
		return MORE;
	if (n > 0 && p[0] == '\033')
		return decode_double(d, p, n, final, key);
	if (n == 0 || reply_c1(p, n, &c1)) {
		key->code = K_ESC;
		if (n == 0 && final)
			expect_late(d, 0);
		return n > 0 || final ? 1 : MORE;
	}
	if (p[0] >= '0' && p[0] <= '9') {
		key->code = (uint32_t)(K_F1 + (p[0] == '0' ? 9 : p[0] - '1'));
		return 2;
	}
	size_t taken = decode_plain(p, n, key);
	key->code |= key->code ? K_ALT : 0;
	if (string)
		expect_late(d, p[0]);
	return taken ? taken + 1 : MORE;
}

// The Esc delay has passed after an ESC; the bytes that follow may still belong to it.
static size_t decode_late(struct key_decoder *d, bool final, struct key *key)
{
	char text[sizeof(d->tail) + 2];
	size_t n = d->tail_length, fresh = d->length > 1 ? 2 : 1;

	memcpy(text, d->tail, n);
	memcpy(text + n, d->buffer, fresh);
	enum reply_likely likely = reply_likely(text, n + fresh, fresh > 1);
	if (likely == REPLY_MAYBE && n < sizeof(d->tail)) {
		d->tail[n] = d->buffer[0];
		d->tail_length += final;
		return final ? decode_plain(d->buffer, d->length, key) : MORE;
	}
	if (likely == REPLY_YES && n == 0) {
		size_t taken = decode_escape(d, d->buffer, d->length, final, key);

		d->late = taken ? LATE_NONE : d->late;
		return taken ? taken - 1 : MORE;
	}
	bool ends_string = d->late == LATE_STRING && n == 0 && d->buffer[0] == '\\';
	d->late = LATE_NONE;
	if (likely == REPLY_YES)
		d->skip = text[0] == '[' ? SKIP_CSI : SKIP_STRING;
	return ends_string ? 1 : decode_next(d, final, key);
}

// Adds the N bytes at P to the report.
static void report_add(struct key_decoder *d, const char *p, size_t n)
{
	if (d->reporting && d->reported + n < sizeof(d->report))
		memcpy(d->report + d->reported, p, n);
	d->reported += n;
}

static void report_end(struct key_decoder *d, bool whole)
{
	d->report_ready = whole && d->reporting && d->reported < sizeof(d->report);
	if (d->report_ready)
		d->report[d->reported] = '\0';
	d->reporting = false;
}

const char *key_decoder_report(struct key_decoder *d)
{
	bool ready = d->report_ready;

	d->report_ready = false;
	return ready ? d->report : NULL;
}

// Inside a control string: ST or BEL end it; CAN, SUB, Ctrl-C and any other escape sequence abort it.
static size_t skip_string(struct key_decoder *d, bool final, struct key *key)
{
	const char *p = d->buffer;
	char letter = 0;
	uint32_t cp;
	size_t c1 = reply_c1(p, d->length, &letter);

	if (p[0] == '\033' && d->length > 1) {
		letter = p[1];
		c1 = 2;
	}
	if (p[0] == '\033' && (letter == '\033' || (!letter && !final)))
		return letter ? 1 : MORE;
	if (p[0] == '\033' || letter == '\\' || memchr("\a\003\030\032", p[0], 4) || d->skipped >= REPLY_MAX) {
		d->skip = SKIP_NONE;
		report_end(d, letter == '\\' || p[0] == '\a');
		if (letter && letter != '\\')
			return decode_next(d, final, key); // another sequence begins here
		d->late = p[0] == '\033' && !letter && !d->pasting ? LATE_STRING : d->late;
		d->tail_length = 0;
		return c1 ? c1 : 1;
	}
	size_t taken = decode_character(p, d->length, &cp);
	d->skipped += taken;
	report_add(d, p, taken);
	return taken;
}

// The rest of a report, up to its final byte or an aborting control.
static size_t skip_csi(struct key_decoder *d, bool final, struct key *key)
{
	bool inside = csi_goes_on(d->buffer[0]);

	if (!inside || d->buffer[0] >= 0x40)
		d->skip = SKIP_NONE;
	return inside ? 1 : decode_next(d, final, key);
}

static size_t decode_paste(struct key_decoder *d, struct key *key)
{
	size_t length = sizeof(paste_end) - 1, n = d->length < length ? d->length : length;

	if (memcmp(d->buffer, paste_end, n) == 0) {
		d->pasting = n < length;
		return n == length ? n : MORE;
	}
	if (d->buffer[0] == '\033' && d->held) { // Esc, then another key: the end of the paste was lost
		d->pasting = false;
		expect_late(d, 0);
		return 1;
	}
	if (d->buffer[0] == '\033' && d->length > 1 && reply_is_string(d->buffer[1]))
		return decode_sequence(d, d->buffer[1], d->buffer + 2, d->length - 2, key, 2);
	size_t taken = decode_character(d->buffer, d->length, &key->pasted);
	if (taken && key->pasted && key->pasted != '\033')
		key->code = K_PASTE;
	return taken;
}

static size_t decode_key(struct key_decoder *d, bool final, struct key *key)
{
	bool partial = false;
	char letter = 0;
	size_t taken = decode_extra(d, d->buffer, d->length, key, &partial);

	if (taken || (partial && !final))
		return taken;
	size_t c1 = reply_c1(d->buffer, d->length, &letter);
	if (c1)
		return decode_sequence(d, letter, d->buffer + c1, d->length - c1, key, c1);
	if (d->buffer[0] == '\033')
		return decode_escape(d, d->buffer + 1, d->length - 1, final, key);
	return decode_plain(d->buffer, d->length, key);
}

static size_t decode_next(struct key_decoder *d, bool final, struct key *key)
{
	if (d->skip != SKIP_NONE)
		return d->skip == SKIP_STRING ? skip_string(d, final, key) : skip_csi(d, final, key);
	if (d->pasting)
		return decode_paste(d, key);
	size_t taken = d->late != LATE_NONE ? decode_late(d, final, key) : decode_key(d, final, key);
	if (taken || d->length < sizeof(d->buffer))
		return taken;
	d->skip = SKIP_CSI; // only a control string can fill the buffer
	d->late = LATE_NONE;
	return d->length;
}

bool key_decoder_next(struct key_decoder *d, bool final, struct key *key)
{
	while (d->length > 0) {
		*key = (struct key){0};
		size_t taken = decode_next(d, final, key);

		if (taken == MORE) {
			d->held |= final;
			return false;
		}
		d->held = false;
		d->length -= taken;
		memmove(d->buffer, d->buffer + taken, d->length);
		if (key->code != K_NONE)
			return true;
	}
	return false;
}

char *key_typed(const char *bytes, size_t n)
{
	struct key_decoder d = {0};
	struct str line = {0};
	struct key key;

	for (size_t at = 0; at < n || d.length > 0;) {
		at += key_decoder_feed(&d, bytes + at, n - at);
		while (key_decoder_next(&d, at == n, &key)) {
			char text[8] = "";
			uint32_t cp = key.code == K_TAB ? K_SPACE : key_character(key);

			if (cp)
				str_add_bytes(&line, text, str_encode(cp, text));
		}
		if (at == n)
			break;
	}
	return str_steal(&line);
}
