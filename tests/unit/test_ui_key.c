// ui/key and ui/keymap: names of keys, bytes from terminals in pieces of any size, and bindings that clash.
#include "ui/key.h"

#include <errno.h>

#include "base/conf.h"
#include "ui/keymap.h"

#include "test.h"
#include "ui.h"

static void names_go_there_and_back(void **state)
{
	static const struct {
		const char *name;
		uint32_t code;
	} rows[] = {
		{"j", 'j'},           {"G", 'G'},          {"?", '?'},           {"F1", K_F1},        {"F12", K_F12},
		{"Space", K_SPACE}, {"PgUp", K_PGUP}, {"Ctrl-L", K_CTRL | 'l'}, {"Alt-x", K_ALT | 'x'}, {"Shift-Tab",
		 K_SHIFT | K_TAB},
		{"-", '-'}, {"+", '+'}, {"Ctrl-]", K_CTRL | ']'}, {"ä", 0xe4}, {"Ctrl-Alt-Del", K_CTRL | K_ALT | K_DELETE},
		{"Del", K_DELETE},    {"Ctrl-Space", K_CTRL | K_SPACE},
	};
	char name[KEY_NAME];
	uint32_t code;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(key_parse(rows[i].name, &code), 0);
		assert_int_equal(code, rows[i].code);
		assert_string_equal(key_format(name, rows[i].code), rows[i].name);
	}
	assert_int_equal(key_parse("ctrl-alt-delete", &code), 0);
	assert_int_equal(key_parse("alt-CTRL-Delete", &code), 0);
	static const char *const wrong[] = {"",     "F13",  "F0",      "Ctrl-",    "Shift-a", "jj",
	                                    "\033", "\x7f", "Hyper-x", "\xc2\x9b", "\xff"};
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(key_parse(wrong[i], &code), -EINVAL);
	for (uint32_t any = 0; any < 0x7000000; any += 997)
		assert_true(strlen(key_format(name, any)) < KEY_NAME);
}

static void only_characters_type(void **state)
{
	assert_int_equal(key_character(key_of('a')), 'a');
	assert_int_equal(key_character(key_of(0x6f22)), 0x6f22);
	assert_int_equal(key_character(pasted('q')), 'q');
	static const uint32_t silent[] = {K_NONE, K_TAB,        K_ENTER,     K_ESC,   K_BACKSPACE, K_UP,
	                                  K_F1,   K_CTRL | 'a', K_ALT | 'a', K_CLICK, 0x85,        0x9b};
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		assert_int_equal(key_character(key_of(silent[i])), 0);
	assert_int_equal(key_character(pasted('\n')), 0);
	assert_int_equal(key_character(pasted(0x9b)), 0);
}

enum { KEYS_MAX = 64 };

// Decodes BYTES fed in pieces of SIZE; then the Esc delay passes. Returns how many keys came.
static size_t decode(struct key_decoder *d, const char *bytes, size_t n, size_t size, struct key *keys)
{
	size_t count = 0;

	for (size_t at = 0; at < n;) {
		at += key_decoder_feed(d, bytes + at, size < n - at ? size : n - at);
		while (count < KEYS_MAX && key_decoder_next(d, false, &keys[count]))
			count++;
	}
	while (count < KEYS_MAX && key_decoder_next(d, true, &keys[count]))
		count++;
	assert_false(key_decoder_waits(d));
	return count;
}

static void sequences_in_pieces_of_any_size(void **state)
{
	static const struct {
		const char *bytes;
		uint32_t codes[4];
	} rows[] = {
		{"j", {'j'}},
		{"\r\n\t", {K_ENTER, K_ENTER, K_TAB}},
		{"\x7f\b", {K_BACKSPACE, K_CTRL | 'h'}},
		{"\033", {K_ESC}},
		{"\033\033", {K_ESC, K_ESC}},
		{"\033x", {K_ALT | 'x'}},
		{"\0335\0330", {K_F1 + 4, K_F1 + 9}},
		{"\033[A\033OB\033[1;5C", {K_UP, K_DOWN, K_CTRL | K_RIGHT}},
		{"\033\033[A", {K_ALT | K_UP}},
		{"\033[H\033[4~\033[7~\033OF", {K_HOME, K_END, K_HOME, K_END}},
		{"\033[5~\033[6~\033[2~\033[3~", {K_PGUP, K_PGDN, K_INSERT, K_DELETE}},
		{"\033OP\033[15~\033[24~\033[[A", {K_F1, K_F1 + 4, K_F12, K_F1}},
		{"\033[Z", {K_SHIFT | K_TAB}},
		{"\033[3;5~", {K_CTRL | K_DELETE}},
		{"\033[3^\033[3$\033[a\033Oa", {K_CTRL | K_DELETE, K_SHIFT | K_DELETE, K_SHIFT | K_UP, K_CTRL | K_UP}},
		{"\033[27;5;13~\033[13;5u", {K_CTRL | K_ENTER, K_CTRL | K_ENTER}},
		{"\033[97;5u\033[97;3u\033[65;2u", {K_CTRL | 'a', K_ALT | 'a', 'A'}},
		{"ä漢\xf0\x9f\x98\x80", {0xe4, 0x6f22, 0x1f600}},
		{"\033ä", {K_ALT | 0xe4}},
		{"\xff\xc3(", {'('}}, // broken UTF-8 is not a key, what follows is
		{"\033[<0;5;3M\033[<0;5;3m\033[<65;1;1M", {K_CLICK, K_WHEEL_DOWN}},
		{"\033[M !!q", {'q'}},
		{"\033[?2026;2$yq", {'q'}}, // unexpected answers of the terminal are not keys
		{"\033[?1;2cq", {'q'}},
		{"\033[>41;354;0cq", {'q'}},
		{"\033[999~q\033[uq", {'q', 'q'}},
		{"\033[\033[A", {K_ALT | '[', K_UP}},
		{"\033[200~D\n\033[Ay\033[201~q", {K_PASTE, K_PASTE, K_PASTE, K_PASTE}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t size = 1; size <= 16; size++) {
			struct key_decoder d = {0};
			struct key keys[KEYS_MAX];
			size_t count = decode(&d, rows[i].bytes, strlen(rows[i].bytes), size, keys), wanted = 0;

			while (wanted < 4 && rows[i].codes[wanted])
				wanted++;
			if (rows[i].codes[0] != K_PASTE && count != wanted)
				fail_msg("row %zu in pieces of %zu: %zu keys", i, size, count);
			for (size_t k = 0; k < wanted; k++)
				if (keys[k].code != rows[i].codes[k])
					fail_msg("row %zu in pieces of %zu: key %zu is %x", i, size, k, (unsigned)keys[k].code);
			key_decoder_done(&d);
		}
}

static void a_paste_is_never_a_command(void **state)
{
	static const char bytes[] = "\033[200~Dyes\033[3~\r\033[201~q";
	struct key_decoder d = {0};
	struct key keys[KEYS_MAX];
	size_t count = decode(&d, bytes, sizeof(bytes) - 1, 3, keys);

	for (size_t i = 0; i + 1 < count; i++)
		assert_int_equal(keys[i].code, K_PASTE);
	assert_int_equal(keys[0].pasted, 'D');
	assert_int_equal(keys[count - 1].code, 'q');
	// a paste whose end is lost must not swallow keys for ever: Esc ends it
	count = decode(&d, "\033[200~abc", 9, 16, keys);
	assert_int_equal(keys[count - 1].code, K_PASTE);
	decode(&d, "\033", 1, 1, keys);
	assert_int_equal(decode(&d, "q", 1, 1, keys), 1);
	assert_int_equal(keys[0].code, 'q');
}

static void a_click_has_its_place(void **state)
{
	struct key_decoder d = {0};
	struct key key;

	key_decoder_feed(&d, "\033[<0;200;50M", 12);
	assert_true(key_decoder_next(&d, false, &key));
	assert_int_equal(key.column, 199);
	assert_int_equal(key.row, 49);
	key_decoder_feed(&d, "\033[<0;99999999999;-1M", 20);
	while (key_decoder_next(&d, true, &key))
		assert_true(key.column >= 0 && key.row >= 0);
}

static void a_terminal_may_teach_its_own(void **state)
{
	struct key_decoder d = {0};
	struct key keys[KEYS_MAX];

	key_decoder_add(&d, "\033[25~", K_F1);
	key_decoder_add(&d, "", K_F1 + 1);
	assert_int_equal(decode(&d, "\033[25~\033[A", 8, 1, keys), 2);
	assert_int_equal(keys[0].code, K_F1);
	assert_int_equal(keys[1].code, K_UP);
	key_decoder_done(&d);
	key_decoder_done(NULL);
}

static void any_bytes_end_in_keys(void **state)
{
	struct key_decoder d = {0};
	struct key key;
	uint32_t random = 1;

	for (int round = 0; round < 20000; round++) {
		char bytes[40];
		size_t n = 0;

		for (size_t length = 1 + random % sizeof(bytes); n < length; n++) {
			static const char often[] = "\033\033[[O;;?<0123456789~MmuA$\xc3\xe2\x80";

			random = random * 1664525 + 1013904223;
			bytes[n] = random >> 24 & 3 ? often[(random >> 8) % (sizeof(often) - 1)] : (char)(random >> 16);
		}
		for (size_t at = 0; at < n;) {
			size_t taken = key_decoder_feed(&d, bytes + at, n - at);

			at += taken;
			while (key_decoder_next(&d, taken == 0, &key))
				assert_true(key.code != K_NONE && (key.code & ~(uint32_t)K_MODIFIERS) <= K_PASTE);
		}
		while (key_decoder_next(&d, true, &key)) {
		}
		assert_false(key_decoder_waits(&d));
	}
}

// What terminals reply, after the introducer's letter; a string is without its end.
static const struct reply {
	char introducer;
	const char *text;
} replies[] = {
	{']', "11;rgb:1e1e/1e1e/1e1e"}, {']', "10;rgb:ffff/ffff/ffff"}, {']', "4;1;rgb:cd/00/00"}, {']',
	 "52;c;aGVsbG8sIFMgWCBEIQ=="},
	{']', "lstop all"}, {']', "Licon"}, {']', "12;\xe2\x9c\x9c\xc4\x9d"}, {']', "99;i=1:p=?;"},
	{'P', "1$r0;1m"},               {'P', "1$r2 q"},                {'P', ">|XTerm(380)"},        {'P', "!|7E565445"},
	{'P', "1+r544e=787465726d"},    {'P', "0+r"},                   {'P', "1$tSD"},               {'_', "Gi=31;OK"},
	{'_', "Gi=31,p=1;ENOENT:q"},    {'^', "a private message"},     {'X', "rDX"},
	{'[', "?62;1;4c"},              {'[', "?6c"},                   {'[', "?1;2c"},               {'[', ">41;354;0c"},
	{'[', "=0c"},                   {'[', "0n"},                    {'[', "3n"},                  {'[', "?13n"},
	{'[', "24;80R"},                {'[', "1;80R"},                 {'[', "1;1R"},                {'[', "?24;80;1R"},
	{'[', "?2026;2$y"},             {'[', "4;2$y"},                 {'[', "?1u"},                 {'[', "?0u"},
	{'[', "8;24;80t"},              {'[', "4;600;800t"},            {'[', "6;20;10t"},            {'[', "1t"},
	{'[', "3;10;10t"},              {'[', "I"},                     {'[', "O"},                   {'[', "?997;1n"},
	{'[', "?1;0;256S"}, {'[', "<0;5;3m"}, {'[', "<35;12;5M"}, {'[', "<128;120;40M"},
	{'[', "32;10;20M"}, {'[', "M !!"}, {'[', "1;2;1;2;1;112;112;1;0x"}, {'[', "48;24;80;600;800t"},
	{'[', "97;1:3u"},               {'[', "1;1:3A"},                {'[', "57441;2u"},            {'[', "1;2 q"},
	{'[', "1;2;0&w"},               {'[', "5n"},                    {'[', "1;2c"},                {'[', "?1049;1$y"},
	{'O', "y"},
};

static void begin_7bit(struct str *out, char letter)
{
	str_addf(out, "\033%c", letter);
}

static void begin_8bit(struct str *out, char letter)
{
	str_add_char(out, (char)(letter + 0x40));
}

static void begin_utf8(struct str *out, char letter)
{
	str_add_char(out, '\xc2');
	begin_8bit(out, letter);
}

// How an introducer and a string's end are sent.
static const struct form {
	const char *name;
	void (*begin)(struct str *out, char letter);
	const char *end;
} forms[] = {
	{"7 bits", begin_7bit, "\033\\"}, {"7 bits and BEL", begin_7bit, "\a"}, {"8 bits", begin_8bit, "\x9c"}, {"UTF-8",
	 begin_utf8, "\xc2\x9c"},
};

static bool is_string(char introducer)
{
	return strchr("]PX^_", introducer) != NULL;
}

static void add_reply(struct str *out, const struct form *f, const struct reply *r)
{
	f->begin(out, r->introducer);
	str_add(out, r->text);
	if (is_string(r->introducer))
		str_add(out, f->end);
}

// Feeds BYTES; the Esc delay passes when LATE.
static size_t feed(struct key_decoder *d, const char *bytes, size_t n, bool late, struct key *keys)
{
	size_t count = 0;

	for (size_t at = 0; at < n;) {
		at += key_decoder_feed(d, bytes + at, n - at);
		while (key_decoder_next(d, false, &keys[count]))
			assert_true(++count < KEYS_MAX);
	}
	while (late && key_decoder_next(d, true, &keys[count]))
		assert_true(++count < KEYS_MAX);
	assert_true(!late || !key_decoder_waits(d));
	return count;
}

// Only an ESC that came alone, or with a string's introducer, is a key: these cannot be told apart.
static void check_cut(const char *what, const struct reply *r, const char *bytes, size_t n, size_t cut, bool late)
{
	struct key_decoder d = {0};
	struct key keys[KEYS_MAX];
	size_t first = feed(&d, bytes, cut, late, keys);
	bool alone = late && bytes[0] == '\033' && (cut == 1 || (cut == 2 && is_string(r->introducer)));

	if (first != alone || (alone && keys[0].code != (cut == 1 ? K_ESC : (K_ALT | (uint32_t)r->introducer))))
		fail_msg("%s, %c%s cut at %zu: its first part is a key (%x)", what, r->introducer, r->text, cut,
		         (unsigned)keys[0].code);
	if (feed(&d, bytes + cut, n - cut, true, keys) != 0)
		fail_msg("%s, %c%s cut at %zu%s: its rest is a key (%x)", what, r->introducer, r->text, cut,
		         late ? " with a pause" : "", (unsigned)keys[0].code);
	if (feed(&d, "q\033[A", 4, true, keys) != 2 || keys[0].code != 'q' || keys[1].code != K_UP)
		fail_msg("%s, %c%s cut at %zu: no keys afterwards", what, r->introducer, r->text, cut);
}

static void replies_are_never_keys(void **state)
{
	for (size_t f = 0; f < ARRAY_SIZE(forms); f++)
		for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
			auto_str bytes = {0};

			add_reply(&bytes, &forms[f], &replies[i]);
			for (size_t cut = 0; cut <= bytes.length; cut++) {
				check_cut(forms[f].name, &replies[i], bytes.text, bytes.length, cut, false);
				check_cut(forms[f].name, &replies[i], bytes.text, bytes.length, cut, true);
			}
		}
}

// Each byte that comes alone after Esc could be typed. Strings are recognized by their first bytes, but for titles, PM
// and SOS, which are any text.
static void a_reply_byte_by_byte(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		struct key_decoder d = {0};
		struct key keys[KEYS_MAX];
		auto_str bytes = {0};
		size_t count = 0, most = 5;

		add_reply(&bytes, &forms[0], &replies[i]);
		if (strchr("^X", replies[i].introducer) || strchr("lL", replies[i].text[0]) || bytes.length <= most + 1)
			continue;
		for (size_t at = 0; at < bytes.length; at++)
			count += feed(&d, bytes.text + at, 1, true, keys);
		if (replies[i].introducer != '[' && count > most)
			fail_msg("%c%s: %zu keys", replies[i].introducer, replies[i].text, count);
		assert_int_equal(feed(&d, "\033[Aq", 4, true, keys), 2);
	}
	// no pause after ESC, but after every other byte
	struct key_decoder d = {0};
	struct key keys[KEYS_MAX];
	static const char reply[] = "\033]11;rgb:1e1e/1e1e/1e1e\033\\";
	assert_int_equal(feed(&d, reply, 3, true, keys), 0);
	for (size_t at = 3; reply[at]; at++)
		assert_int_equal(feed(&d, reply + at, 1, true, keys), 0);
	assert_int_equal(feed(&d, "q", 1, true, keys), 1);
}

// Longer than what is kept of a sequence, also after an ESC that came alone.
static void a_report_of_any_length(void **state)
{
	for (int late = 0; late < 2; late++) {
		struct key_decoder d = {0};
		struct key keys[KEYS_MAX];
		auto_str bytes = {0};

		str_add(&bytes, "\033[?");
		for (int i = 0; i < 1000; i++)
			str_addf(&bytes, "%d;", i);
		str_add(&bytes, "cq");
		size_t first = late ? feed(&d, bytes.text, 1, true, keys) : 0;
		assert_int_equal(first, late);
		assert_int_equal(feed(&d, bytes.text + first, bytes.length - first, true, keys), 1);
		assert_int_equal(keys[0].code, 'q');
	}
}

static void two_cuts_and_many_in_a_row(void **state)
{
	static const char all[] = "\033]11;rgb:0/0/0\033\\\033[?62;4c\033P>|a(1)\033\\\033[24;80R\033[<0;1;1m\x9d"
	                          "10;rgb:f/f/f\x9c\033_Gi=1;OK\033\\\033[?997;2n";
	size_t n = sizeof(all) - 1;

	for (size_t a = 0; a <= n; a++)
		for (size_t b = a; b <= n; b++) {
			struct key_decoder d = {0};
			struct key keys[KEYS_MAX];
			size_t count = feed(&d, all, a, false, keys);

			count += feed(&d, all + a, b - a, false, keys);
			count += feed(&d, all + b, n - b, true, keys);
			assert_int_equal(count, 0);
		}
}

static void a_reply_without_an_end_is_left(void **state)
{
	static const struct {
		const char *bytes;
		uint32_t codes[2];
	} ways[] = {
		{"\033", {0}}, {"\003", {0}}, {"\a", {0}}, {"\033[A", {K_UP}}, {"\033OP", {K_F1}}, {"\033x", {K_ALT | 'x'}},
		 {"\033]0;\a", {0}}, {"\033[200~a\033[201~", {K_PASTE}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct key_decoder d = {0};
		struct key keys[KEYS_MAX];

		assert_int_equal(feed(&d, "\033]11;rgb:", 9, true, keys), 0);
		for (int k = 0; k < 100000; k++)
			assert_int_equal(feed(&d, "X", 1, k % 2, keys), 0);
		assert_int_equal(feed(&d, ways[i].bytes, strlen(ways[i].bytes), true, keys), ways[i].codes[0] != 0);
		assert_true(!ways[i].codes[0] || keys[0].code == ways[i].codes[0]);
		assert_int_equal(feed(&d, "q", 1, true, keys), 1);
		assert_int_equal(keys[0].code, 'q');
	}
}

// What a person types stays what it is.
static void esc_and_then_letters_are_keys(void **state)
{
	static const char letters[] = "]P_^X[OqSDCc1";
	struct key_decoder d = {0};
	struct key keys[KEYS_MAX];

	for (size_t i = 0; letters[i]; i++)
		for (size_t j = 0; letters[j]; j++) {
			assert_int_equal(feed(&d, "\033", 1, true, keys), 1);
			assert_int_equal(keys[0].code, K_ESC);
			assert_int_equal(feed(&d, &letters[i], 1, true, keys), 1);
			assert_int_equal(keys[0].code, letters[i]);
			assert_int_equal(feed(&d, &letters[j], 1, true, keys), 1);
			assert_int_equal(keys[0].code, letters[j]);
		}
	// Alt and an introducer, then another key
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(feed(&d, (const char[]){'\033', letters[i]}, 2, true, keys), 1);
		assert_int_equal(keys[0].code, K_ALT | (uint32_t)letters[i]);
		assert_int_equal(feed(&d, "j", 1, true, keys), 1);
		assert_int_equal(keys[0].code, 'j');
	}
}

static void keys_in_pieces_with_pauses(void **state)
{
	static const struct {
		const char *bytes;
		uint32_t code;
	} rows[] = {
		{"\033[1;5C", K_CTRL | K_RIGHT}, {"\033[15~", K_F1 + 4}, {"\033OP", K_F1}, {"\033[<0;5;3M", K_CLICK},
		 {"\xc3\x9d", 0xdd}, {"\xf0\x9f\x98\x80", 0x1f600},
		{"\x9b" "A", K_UP}, {"\xc2\x8fQ", K_F1 + 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t n = strlen(rows[i].bytes), cut = rows[i].bytes[0] == '\033' ? 2 : 1; cut < n; cut++) {
			struct key_decoder d = {0};
			struct key keys[KEYS_MAX];

			assert_int_equal(feed(&d, rows[i].bytes, cut, true, keys), 0);
			assert_int_equal(feed(&d, rows[i].bytes + cut, n - cut, true, keys), 1);
			assert_int_equal(keys[0].code, rows[i].code);
		}
}

static void pastes_and_replies(void **state)
{
	static const char bytes[] = "\033[200~ab\033]11;rgb:0/0/0\033\\c\033[201~q";

	for (size_t cut = 0; cut < sizeof(bytes); cut++) {
		struct key_decoder d = {0};
		struct key keys[KEYS_MAX];

		if (cut == 1 || bytes[cut - (cut > 0)] == '\033')
			continue; // Esc, or the end of the paste was lost
		size_t count = feed(&d, bytes, cut, true, keys);
		count += feed(&d, bytes + cut, sizeof(bytes) - 1 - cut, true, keys + count);
		assert_int_equal(count, 4);
		assert_int_equal(keys[0].pasted, 'a');
		assert_int_equal(keys[2].pasted, 'c');
		assert_int_equal(keys[3].code, 'q');
	}
}

static void a_typed_line_has_no_replies(void **state)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {
		{"stop web", "stop web"}, {"\033]11;rgb:1e1e/1e1e/1e1e\033\\stop\tw\xc3\xa4" "b\r", "stop w\xc3\xa4" "b"},
		 {"st\033[?62;4cop x\033[24;80R", "stop x"},
		{"\033[A\033[Bls", "ls"}, {"\033P>|never ends", ""}, {"", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *text = key_typed(rows[i].bytes, strlen(rows[i].bytes));

		assert_string_equal(text, rows[i].text);
	}
	auto_str big = {0};
	for (int i = 0; i < 1000; i++)
		str_add(&big, "\033]11;rgb:0/0/0\ax");
	auto_free char *text = key_typed(big.text, big.length);
	assert_int_equal(strlen(text), 1000);
}

static const struct keymap_row actions[] = {
	{.action = "down", .keys = "j Down", .moves = true, .move = MOVE_DOWN},
	{.action = "up", .keys = "k Up", .moves = true, .move = MOVE_UP},
	{.action = "quit", .keys = "q F10"},
	{.action = "stop"},
};

static void keys_of_moves_say_which_move(void **state)
{
	struct err e = {0};
	auto_keymap *map = keymap_new(actions, ARRAY_SIZE(actions), &e);
	enum move move;

	(void)state;
	assert_true(keymap_move(map, K_UP, &move));
	assert_int_equal(move, MOVE_UP);
	assert_int_equal(keymap_bind(map, "down", "z", &e), 0);
	assert_true(keymap_move(map, 'z', &move));
	assert_int_equal(move, MOVE_DOWN);
	assert_false(keymap_move(map, 'j', &move));
	assert_false(keymap_move(map, 'q', &move));
}

static void keys_find_their_action(void **state)
{
	struct err e = {0};
	auto_keymap *map = keymap_new(actions, ARRAY_SIZE(actions), &e);
	auto_str keys = {0};

	assert_non_null(map);
	assert_int_equal(keymap_find(map, K_DOWN), 0);
	assert_int_equal(keymap_find(map, 'z'), -1);
	assert_int_equal(keymap_action(map, "quit"), 2);
	keymap_keys(map, 2, " or ", &keys);
	assert_string_equal(str_text(&keys), "q or F10");
	keymap_keys(map, -1, "", &keys);
	keymap_keys(map, 99, "", &keys);
	assert_int_equal(keymap_first(map, 3), K_NONE);
	assert_int_equal(keymap_bind(map, "stop", "X Ctrl-X", &e), 0);
	assert_int_equal(keymap_find(map, K_CTRL | 'x'), 3);
	assert_int_equal(keymap_bind(map, "quit", "none", &e), 0);
	assert_int_equal(keymap_find(map, 'q'), -1);
	assert_int_equal(keymap_bind(map, "down", "q Down", &e), 0);
	assert_int_equal(keymap_find(map, 'j'), -1);
}

static int on_pair(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	return strcmp(section, "keys") == 0 ? keymap_bind(context, name, value, e) : 0;
}

static void a_clash_names_file_and_line(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"[keys]\ndown = q\n",
		 "my.conf:2: keys.down: q is already bound to 'quit' (bind that to another key first, or set quit = none)"},
		{"[keys]\n\nup = Ctrl-S\n", "my.conf:3: keys.up: Ctrl-S cannot be bound: terminals and text fields need it"},
		{"[keys]\nup = Backspace\n",
		 "my.conf:2: keys.up: Backspace cannot be bound: terminals and text fields need it"},
		{"[keys]\nup = Hyper-q\n",
		 "my.conf:2: keys.up: invalid key 'Hyper-q' (for example j, Ctrl-L, F5, PgUp, Space or Alt-x)"},
		{"[keys]\nqiut = z\n", "my.conf:2: keys.qiut: unknown action (did you mean 'quit'?)"},
		{"[keys]\nup = a b c d e f g h i\n", "my.conf:2: keys.up: more than 8 keys"},
		{"[keys]\nup = z z\n", "my.conf:2: keys.up: z is listed twice"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = {0};
		auto_keymap *map = keymap_new(actions, ARRAY_SIZE(actions), &e);

		assert_true(conf_read_text("my.conf", rows[i].text, on_pair, map, &e) < 0);
		assert_string_equal(e.text, rows[i].message);
		// nothing has changed
		assert_int_equal(keymap_find(map, 'k'), 1);
		assert_int_equal(keymap_find(map, 'q'), 2);
		assert_int_equal(keymap_find(map, 'z'), -1);
	}
}

static void a_table_with_a_clash_is_refused(void **state)
{
	static const struct keymap_row twice[] = {{.action = "a", .keys = "x"}, {.action = "b", .keys = "y x"}},
					itself[] = {{.action = "a", .keys = "x x"}};
	struct err e = {0};

	assert_null(keymap_new(twice, 2, &e));
	assert_string_equal(e.text, "action 'b': x is already bound to 'a' (bind that to another key first, or set a = none)");
	assert_null(keymap_new(itself, 1, &e));
	assert_string_equal(e.text, "action 'a': x is listed twice");
	keymap_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_there_and_back),
		cmocka_unit_test(only_characters_type),
		cmocka_unit_test(sequences_in_pieces_of_any_size),
		cmocka_unit_test(a_paste_is_never_a_command),
		cmocka_unit_test(a_click_has_its_place),
		cmocka_unit_test(a_terminal_may_teach_its_own),
		cmocka_unit_test(any_bytes_end_in_keys),
		cmocka_unit_test(replies_are_never_keys),
		cmocka_unit_test(a_reply_byte_by_byte),
		cmocka_unit_test(a_report_of_any_length),
		cmocka_unit_test(two_cuts_and_many_in_a_row),
		cmocka_unit_test(a_reply_without_an_end_is_left),
		cmocka_unit_test(esc_and_then_letters_are_keys),
		cmocka_unit_test(keys_in_pieces_with_pauses),
		cmocka_unit_test(pastes_and_replies),
		cmocka_unit_test(a_typed_line_has_no_replies),
		cmocka_unit_test(keys_find_their_action),
		cmocka_unit_test(keys_of_moves_say_which_move),
		cmocka_unit_test(a_clash_names_file_and_line),
		cmocka_unit_test(a_table_with_a_clash_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
