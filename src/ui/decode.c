// What terminals send, decoded into keys: see ui/key.h. Must not know a terminal by name.
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/key.h"

// What a decoding step found at the beginning of the buffer.
enum {
	MORE = 0,  // only the beginning of something
	// otherwise: the bytes taken; the key is K_NONE when they mean nothing to us
};

static const char paste_end[] = "\033[201~";

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
	return d->length > 0;
}

struct csi {
	int numbers[8]; // -1: not given
	size_t count;
	char mark;      // '<' or '?' before the numbers
	char final;
	size_t length;
};

// ESC [ [mark] numbers ; … final, from the byte after "ESC [". Returns false while the final byte is missing.
static bool parse_csi(const char *p, size_t n, struct csi *c)
{
	size_t i = 0;
	int number = -1;

	*c = (struct csi){0};
	if (n && strchr("<?>=", p[0]) && p[0])
		c->mark = p[i++];
	for (; i < n; i++) {
		if (p[i] >= '0' && p[i] <= '9') {
			number = (number < 0 ? 0 : number) * 10 + p[i] - '0';
			number = number > 1000000 ? 1000000 : number;
			continue;
		}
		if (c->count < ARRAY_SIZE(c->numbers))
			c->numbers[c->count++] = number;
		number = -1;
		if (p[i] < 0x20) { // broken off: what follows is not part of it
			c->length = i;
			return true;
		}
		// rxvt ends with '$' what is shifted; in answers of the terminal it stands before the final byte
		if (p[i] >= 0x40 || (p[i] == '$' && !c->mark)) {
			c->final = p[i];
			c->length = i + 1;
			return true;
		}
	}
	return false;
}

static uint32_t modifiers_of(int parameter)
{
	unsigned bits = parameter > 1 ? (unsigned)parameter - 1 : 0;

	return (bits & 1 ? K_SHIFT : 0) | (bits & 2 ? K_ALT : 0) | (bits & 4 ? K_CTRL : 0);
}

// Keys of the form ESC [ 1 ; MODIFIERS letter, and ESC O letter.
static uint32_t letter_key(char letter)
{
	static const struct {
		char letter;
		uint32_t code;
	} keys[] = {
		{'A', K_UP},         {'B', K_DOWN},      {'C', K_RIGHT},      {'D', K_LEFT},       {'H', K_HOME},       {'F', K_END},
		{'P', K_F1},         {'Q', K_F1 + 1},    {'R', K_F1 + 2},     {'S', K_F1 + 3},     {'Z', K_TAB | K_SHIFT}, {'M', K_ENTER},
		{'a', K_UP | K_SHIFT}, {'b', K_DOWN | K_SHIFT}, {'c', K_RIGHT | K_SHIFT}, {'d', K_LEFT | K_SHIFT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].letter == letter)
			return keys[i].code;
	return K_NONE;
}

// Keys of the form ESC [ NUMBER ; MODIFIERS ~, by their number.
static uint32_t number_key(int number)
{
	static const uint32_t keys[] = {
		[1] = K_HOME,      [2] = K_INSERT,    [3] = K_DELETE,    [4] = K_END,       [5] = K_PGUP,      [6] = K_PGDN,
		[7] = K_HOME,      [8] = K_END,       [11] = K_F1,       [12] = K_F1 + 1,   [13] = K_F1 + 2,   [14] = K_F1 + 3,
		[15] = K_F1 + 4,   [17] = K_F1 + 5,   [18] = K_F1 + 6,   [19] = K_F1 + 7,   [20] = K_F1 + 8,   [21] = K_F1 + 9,
		[23] = K_F1 + 10,  [24] = K_F12,
	};

	return number >= 0 && (size_t)number < ARRAY_SIZE(keys) ? keys[number] : (uint32_t)K_NONE;
}

// A control character or a code point as a key: what the keyboard sends for Ctrl and a letter.
static uint32_t plain_key(uint32_t cp)
{
	if (cp == 0)
		return K_CTRL | K_SPACE;
	if (cp == '\n')
		return K_ENTER;
	if (cp == K_TAB || cp == K_ENTER || cp == K_ESC || cp >= 0x20)
		return cp;
	return K_CTRL | (cp < 27 ? cp + 'a' - 1 : cp + '@');
}

// A code point with modifiers, as kitty and modifyOtherKeys report it: Shift is in the character already.
static uint32_t modified_key(int cp, int modifiers)
{
	uint32_t code = plain_key((uint32_t)(cp < 0 ? 0 : cp)), bits = modifiers_of(modifiers);

	return code | (code > K_SPACE && code < K_BACKSPACE ? bits & ~(uint32_t)K_SHIFT : bits);
}

// SGR mouse report: ESC [ < BUTTON ; COLUMN ; ROW, M pressed or m released.
static void mouse(const struct csi *c, struct key *key)
{
	static const struct {
		int button;
		uint32_t code;
	} buttons[] = {{0, K_CLICK}, {2, K_RIGHT_CLICK}, {64, K_WHEEL_UP}, {65, K_WHEEL_DOWN}};

	for (size_t i = 0; c->final == 'M' && c->count == 3 && i < ARRAY_SIZE(buttons); i++)
		if (c->numbers[0] == buttons[i].button)
			key->code = buttons[i].code;
	key->column = (int16_t)(c->count > 1 && c->numbers[1] > 0 && c->numbers[1] < INT16_MAX ? c->numbers[1] - 1 : 0);
	key->row = (int16_t)(c->count > 2 && c->numbers[2] > 0 && c->numbers[2] < INT16_MAX ? c->numbers[2] - 1 : 0);
}

// ESC [ M and three bytes, from terminals that know no SGR reports: only swallowed, it must not become keys.
static size_t old_mouse(size_t n, struct key *key)
{
	key->code = K_NONE;
	return n < 4 ? MORE : 4;
}

static void tilde_key(struct key_decoder *d, const struct csi *c, struct key *key)
{
	static const struct {
		char final;
		uint32_t modifiers;
	} rxvt[] = {{'^', K_CTRL}, {'$', K_SHIFT}, {'@', K_CTRL | K_SHIFT}, {'~', 0}};
	int modifiers = c->count > 1 ? c->numbers[1] : 0;

	d->pasting = c->numbers[0] == 200 && c->final == '~';
	if (c->numbers[0] == 27 && c->count == 3) {
		key->code = modified_key(c->numbers[2], modifiers);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rxvt); i++)
		if (rxvt[i].final == c->final && number_key(c->numbers[0]))
			key->code = number_key(c->numbers[0]) | modifiers_of(modifiers) | rxvt[i].modifiers;
}

static size_t decode_csi(struct key_decoder *d, const char *p, size_t n, struct key *key)
{
	struct csi c;

	if (n && p[0] == '[') { // linux console: ESC [ [ A…E are F1…F5
		if (n < 2)
			return MORE;
		key->code = p[1] >= 'A' && p[1] <= 'E' ? (uint32_t)(K_F1 + p[1] - 'A') : (uint32_t)K_NONE;
		return 2;
	}
	if (!parse_csi(p, n, &c))
		return MORE;
	if (c.final == 'M' && c.length == 1)
		return old_mouse(n, key);
	if (c.mark == '<')
		mouse(&c, key);
	else if (c.mark || !c.final)
		return c.length;
	else if (strchr("~^$@", c.final))
		tilde_key(d, &c, key);
	else if (c.final == 'u' && c.numbers[0] >= 0)
		key->code = modified_key(c.numbers[0], c.count > 1 ? c.numbers[1] : 0);
	else if (letter_key(c.final))
		key->code = letter_key(c.final) | modifiers_of(c.count > 1 ? c.numbers[1] : 0);
	return c.length;
}

static size_t decode_ss3(const char *p, size_t n, struct key *key)
{
	if (n == 0)
		return MORE;
	key->code = letter_key(p[0]);
	if (p[0] >= 'a' && p[0] <= 'd') // rxvt: Ctrl and an arrow
		key->code = (key->code & ~(uint32_t)K_SHIFT) | K_CTRL;
	return 1;
}

// Length of the longest extra sequence at P; MORE is set in *PARTIAL when what is there begins one.
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

static size_t decode_character(const char *p, size_t n, bool final, uint32_t *cp)
{
	size_t length = str_decode(p, n, cp);

	if (length)
		return length;
	*cp = 0;
	bool cut = n < 4 && (unsigned char)p[0] >= 0xc2 && (unsigned char)p[0] <= 0xf4;
	for (size_t i = 1; i < n; i++)
		cut = cut && ((unsigned char)p[i] & 0xc0) == 0x80;
	return cut && !final ? MORE : 1;
}

static size_t decode_plain(const char *p, size_t n, bool final, struct key *key)
{
	uint32_t cp;
	size_t length = decode_character(p, n, final, &cp);

	key->code = length && (cp || p[0] == '\0') ? plain_key(cp) : (uint32_t)K_NONE;
	return length;
}

// After ESC: a sequence, an F-key by its digit, or Alt and a key.
static size_t decode_escape(struct key_decoder *d, const char *p, size_t n, bool final, struct key *key)
{
	size_t taken = MORE;
	bool begins = n > 0 && (p[0] == '[' || p[0] == 'O');

	if (begins && n > 1 && (unsigned char)p[1] < 0x20) // no sequence: Alt and the character, then another key
		begins = false;
	if (begins && p[0] == '[')
		taken = decode_csi(d, p + 1, n - 1, key);
	else if (begins)
		taken = decode_ss3(p + 1, n - 1, key);
	if (taken)
		return taken + 2;
	if (begins && n > 1 && final)
		return n + 1; // a sequence that was cut: its rest must not be taken for keys
	if (n == 0 || p[0] == '\033' || (begins && !final)) {
		if (n > 1 && p[0] == '\033' && (p[1] == '[' || p[1] == 'O')) { // rxvt: Alt and a key with a sequence
			taken = decode_escape(d, p + 1, n - 1, final, key);
			key->code |= key->code ? K_ALT : 0;
			return taken ? taken + 1 : MORE;
		}
		key->code = K_ESC;
		return final ? 1 : MORE;
	}
	if (p[0] >= '0' && p[0] <= '9') {
		key->code = (uint32_t)(K_F1 + (p[0] == '0' ? 9 : p[0] - '1'));
		return 2;
	}
	taken = decode_plain(p, n, final, key);
	key->code |= key->code ? K_ALT : 0;
	return taken ? taken + 1 : MORE;
}

static size_t decode_paste(struct key_decoder *d, bool final, struct key *key)
{
	size_t length = sizeof(paste_end) - 1, n = d->length < length ? d->length : length;

	if (memcmp(d->buffer, paste_end, n) == 0) {
		d->pasting = n < length && !final;
		return n == length || final ? n : MORE;
	}
	size_t taken = decode_character(d->buffer, d->length, final, &key->pasted);
	if (taken && key->pasted && key->pasted != '\033')
		key->code = K_PASTE;
	return taken;
}

static size_t decode(struct key_decoder *d, bool final, struct key *key)
{
	bool partial = false;

	if (d->pasting)
		return decode_paste(d, final, key);
	size_t taken = decode_extra(d, d->buffer, d->length, key, &partial);
	if (taken || (partial && !final))
		return taken;
	if (d->buffer[0] != '\033')
		return decode_plain(d->buffer, d->length, final, key);
	// no sequence is as long as the buffer: what fills it is dropped
	taken = decode_escape(d, d->buffer + 1, d->length - 1, final, key);
	return taken || d->length < sizeof(d->buffer) ? taken : d->length;
}

bool key_decoder_next(struct key_decoder *d, bool final, struct key *key)
{
	while (d->length > 0) {
		*key = (struct key){0};
		size_t taken = decode(d, final, key);

		if (taken == MORE)
			return false;
		d->length -= taken;
		memmove(d->buffer, d->buffer + taken, d->length);
		if (key->code != K_NONE)
			return true;
	}
	return false;
}
