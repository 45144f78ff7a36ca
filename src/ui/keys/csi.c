// CSI and SS3 sequences: see csi.h.
#include "csi.h"

#include <string.h>

bool csi_goes_on(char byte)
{
	return (unsigned char)byte >= 0x20 && (unsigned char)byte < 0x7f;
}

struct csi {
	int numbers[8]; // -1: not given
	size_t count;
	int event;      // the kitty event type after the second number's colon: 3 = release
	char mark;      // '<' or '?' before the numbers
	char final;     // 0: aborted
	bool report;    // has an intermediate byte, which keys never have
	size_t length;
};

static void csi_add_number(struct csi *c, int number, bool sub)
{
	if (!sub && c->count < ARRAY_SIZE(c->numbers))
		c->numbers[c->count++] = number;
	else if (sub && c->count == 2 && !c->event)
		c->event = number;
}

// rxvt ends shifted keys with '$', after a single number; in reports '$' is an intermediate byte.
static bool ends_csi(const struct csi *c, char byte)
{
	return byte >= 0x40 || (byte == '$' && !c->mark && c->count == 1);
}

// Parses ESC [ [mark] numbers ; … final, from the byte after "ESC [". Returns false while the final byte is missing.
static bool parse_csi(const char *p, size_t n, struct csi *c)
{
	size_t i = 0;
	int number = -1;
	bool sub = false;

	*c = (struct csi){0};
	if (n && strchr("<?>=", p[0]) && p[0])
		c->mark = p[i++];
	for (; i < n; i++) {
		if (p[i] >= '0' && p[i] <= '9') {
			number = (number < 0 ? 0 : number) * 10 + p[i] - '0';
			number = number > 1000000 ? 1000000 : number;
			continue;
		}
		csi_add_number(c, number, sub);
		number = -1;
		sub = p[i] == ':';
		if (!csi_goes_on(p[i])) { // aborted: what follows is not part of it
			c->length = i;
			return true;
		}
		if (ends_csi(c, p[i])) {
			c->final = p[i];
			c->length = i + 1;
			return true;
		}
		c->report |= p[i] < '0';
	}
	return false;
}

static uint32_t modifiers_of(int parameter)
{
	unsigned bits = parameter > 1 ? (unsigned)parameter - 1 : 0;

	return (bits & 1 ? K_SHIFT : 0) | (bits & 2 ? K_ALT : 0) | (bits & 4 ? K_CTRL : 0);
}

// The letters of keys in ESC [ 1 ; MODIFIERS letter, and ESC O letter.
static uint32_t letter_key(char letter)
{
	static const struct {
		char letter;
		uint32_t code;
	} keys[] = {
		{'A', K_UP}, {'B', K_DOWN}, {'C', K_RIGHT}, {'D', K_LEFT}, {'H', K_HOME}, {'F', K_END},
		{'P', K_F1}, {'Q', K_F1 + 1}, {'R', K_F1 + 2}, {'S', K_F1 + 3}, {'Z', K_TAB | K_SHIFT}, {'M', K_ENTER},
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

uint32_t csi_plain_key(uint32_t cp)
{
	if (cp == 0)
		return K_CTRL | K_SPACE;
	if (cp == '\n')
		return K_ENTER;
	if (cp == K_TAB || cp == K_ENTER || cp == K_ESC || cp >= 0x20)
		return cp;
	return K_CTRL | (cp < 27 ? cp + 'a' - 1 : cp + '@');
}

// A code point with modifiers in the format of kitty and modifyOtherKeys: Shift is already part of the character.
static uint32_t modified_key(int cp, int modifiers)
{
	uint32_t code = csi_plain_key((uint32_t)(cp < 0 ? 0 : cp)), bits = modifiers_of(modifiers);

	return code | (code > K_SPACE && code < K_BACKSPACE ? bits & ~(uint32_t)K_SHIFT : bits);
}

// Keys of the form ESC [ 1 ; MODIFIERS letter, or with modifiers only. Other numbers are reports: cursor position (R),
// mouse (M), device attributes (c).
static uint32_t csi_letter_key(const struct csi *c)
{
	int modifiers = c->numbers[c->count > 1], most = 16;

	if (c->count > 2 || (c->count == 2 && c->numbers[0] > 1) || modifiers > most || c->final == 'M')
		return K_NONE;
	if ((c->final == 'R' && modifiers == 1) || (c->final >= 'a' && c->numbers[0] >= 0)) // cursor position 1;1
		return K_NONE;
	return letter_key(c->final) ? letter_key(c->final) | modifiers_of(modifiers) : (uint32_t)K_NONE;
}

// Kitty's private codes for modifier and media keys; known function keys are sent in other forms.
static bool is_private(int cp)
{
	return cp >= 0xe000 && cp <= 0xf8ff;
}

// SGR mouse report: ESC [ < BUTTON ; COLUMN ; ROW, M pressed or m released.
static void csi_mouse(const struct csi *c, struct key *key)
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

// ESC [ M and three bytes, from terminals without SGR reports: discarded, so that it does not become keys.
static size_t old_mouse(size_t n, struct key *key)
{
	key->code = K_NONE;
	return n < 4 ? 0 : 4;
}

static void tilde_key(const struct csi *c, struct key *key, bool *pasting)
{
	static const struct {
		char final;
		uint32_t modifiers;
	} rxvt[] = {{'^', K_CTRL}, {'$', K_SHIFT}, {'@', K_CTRL | K_SHIFT}, {'~', 0}};
	int modifiers = c->count > 1 ? c->numbers[1] : 0;

	*pasting = c->numbers[0] == 200 && c->final == '~';
	if (c->numbers[0] == 27 && c->count == 3) {
		key->code = modified_key(c->numbers[2], modifiers);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rxvt); i++)
		if (rxvt[i].final == c->final && number_key(c->numbers[0]))
			key->code = number_key(c->numbers[0]) | modifiers_of(modifiers) | rxvt[i].modifiers;
}

static void csi_key(const struct csi *c, struct key *key, bool *pasting)
{
	if (c->mark == '<')
		csi_mouse(c, key);
	else if (c->mark || !c->final || c->report || c->event == 3)
		return;
	else if (strchr("~^$@", c->final))
		tilde_key(c, key, pasting);
	else if (c->final == 'u' && c->numbers[0] >= 0 && !is_private(c->numbers[0]))
		key->code = modified_key(c->numbers[0], c->count > 1 ? c->numbers[1] : 0);
	else if (c->final != 'u')
		key->code = csi_letter_key(c);
}

size_t csi_decode(const char *p, size_t n, struct key *key, bool *pasting)
{
	struct csi c;

	if (n && p[0] == '[') { // linux console: ESC [ [ A…E are F1…F5
		if (n < 2)
			return 0;
		key->code = p[1] >= 'A' && p[1] <= 'E' ? (uint32_t)(K_F1 + p[1] - 'A') : (uint32_t)K_NONE;
		return 2;
	}
	if (!parse_csi(p, n, &c))
		return 0;
	if (c.final == 'M' && c.length == 1)
		return old_mouse(n, key);
	csi_key(&c, key, pasting);
	return c.length;
}

size_t csi_decode_ss3(const char *p, size_t n, struct key *key)
{
	if (n == 0)
		return 0;
	key->code = letter_key(p[0]);
	if (p[0] >= 'a' && p[0] <= 'd') // rxvt: Ctrl and an arrow
		key->code = (key->code & ~(uint32_t)K_SHIFT) | K_CTRL;
	return 1;
}
