// See builtin.h. Builds a compiled terminfo entry, term(5), from the table here, so that hosts whose database lacks
// the terminal need no file. Capabilities in which xterm-like terminals differ are left out: erasing in the
// background colour, repeating, other character sets.
#include "builtin.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

// 32-bit numbers; the number of capabilities of each type in term(5)
enum { MAGIC = 01036, BOOLS = 44, NUMBERS = 39, STRINGS = 414 };

static const char *const bools[] = {"am", "mir", "msgr", "xenl"};

static const struct {
	const char *name;
	int32_t value;
} numbers[] = {{"colors", 256}, {"cols", 80}, {"lines", 24}, {"pairs", 65536}};

static const struct {
	const char *name, *text;
} strings[] = {
	{"bel", "\a"}, {"bold", "\033[1m"}, {"civis", "\033[?25l"}, {"clear", "\033[H\033[2J"},
	{"cnorm", "\033[?25h"}, {"cr", "\r"}, {"csr", "\033[%i%p1%d;%p2%dr"}, {"cub", "\033[%p1%dD"},
	{"cub1", "\b"}, {"cud", "\033[%p1%dB"}, {"cud1", "\n"}, {"cuf", "\033[%p1%dC"},
	{"cuf1", "\033[C"}, {"cup", "\033[%i%p1%d;%p2%dH"}, {"cuu", "\033[%p1%dA"}, {"cuu1", "\033[A"},
	{"dch", "\033[%p1%dP"}, {"dch1", "\033[P"}, {"dim", "\033[2m"}, {"dl", "\033[%p1%dM"},
	{"dl1", "\033[M"}, {"ech", "\033[%p1%dX"}, {"ed", "\033[J"}, {"el", "\033[K"},
	{"el1", "\033[1K"}, {"home", "\033[H"}, {"hpa", "\033[%i%p1%dG"}, {"ich", "\033[%p1%d@"},
	{"il", "\033[%p1%dL"}, {"il1", "\033[L"}, {"ind", "\n"}, {"op", "\033[39;49m"},
	{"rev", "\033[7m"}, {"ri", "\033M"}, {"rmcup", "\033[?1049l"}, {"rmkx", "\033[?1l\033>"},
	{"rmso", "\033[27m"}, {"rmul", "\033[24m"}, {"sgr0", "\033[m"}, {"smcup", "\033[?1049h"},
	{"smkx", "\033[?1h\033="}, {"smso", "\033[7m"}, {"smul", "\033[4m"}, {"vpa", "\033[%i%p1%dd"},
	{"setaf", "\033[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m"},
	{"setab", "\033[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m"},
	{"kbs", "\177"}, {"kcbt", "\033[Z"}, {"kcub1", "\033OD"}, {"kcud1", "\033OB"},
	{"kcuf1", "\033OC"}, {"kcuu1", "\033OA"}, {"kdch1", "\033[3~"}, {"kend", "\033OF"},
	{"khome", "\033OH"}, {"kich1", "\033[2~"}, {"knp", "\033[6~"}, {"kpp", "\033[5~"},
	{"kf1", "\033OP"}, {"kf2", "\033OQ"}, {"kf3", "\033OR"}, {"kf4", "\033OS"},
	{"kf5", "\033[15~"}, {"kf6", "\033[17~"}, {"kf7", "\033[18~"}, {"kf8", "\033[19~"},
	{"kf9", "\033[20~"}, {"kf10", "\033[21~"}, {"kf11", "\033[23~"}, {"kf12", "\033[24~"},
};

static void terminfo_add_number(struct str *out, int64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		str_add_char(out, (char)(value >> 8 * i & 0xff));
}

static bool has_bool(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(bools); i++)
		if (strcmp(bools[i], name) == 0)
			return true;
	return false;
}

static int32_t number_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (strcmp(numbers[i].name, name) == 0)
			return numbers[i].value;
	return -1; // absent
}

static const char *string_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		if (strcmp(strings[i].name, name) == 0)
			return strings[i].text;
	return NULL;
}

// Adds the strings to TABLE and writes the offset of each.
static void add_strings(const char *const *names, struct str *offsets, struct str *table)
{
	for (size_t i = 0; i < STRINGS; i++) {
		const char *text = string_of(names[i]);

		terminfo_add_number(offsets, text ? (int64_t)table->length : -1, 2);
		if (text)
			str_add_bytes(table, text, strlen(text) + 1);
	}
}

char *builtin_terminfo(const struct capability_names *names)
{
	static const char name[] = "xterm-256color";
	auto_str entry = {0}, offsets = {0}, table = {0}, out = {0};

	add_strings(names->strings, &offsets, &table);
	const int64_t header[] = {MAGIC, sizeof(name), BOOLS, NUMBERS, STRINGS, (int64_t)table.length};
	for (size_t i = 0; i < ARRAY_SIZE(header); i++)
		terminfo_add_number(&entry, header[i], 2);
	str_add_bytes(&entry, name, sizeof(name));
	for (size_t i = 0; i < BOOLS; i++)
		str_add_char(&entry, has_bool(names->bools[i]));
	if (entry.length % 2)
		str_add_char(&entry, '\0');
	for (size_t i = 0; i < NUMBERS; i++)
		terminfo_add_number(&entry, number_of(names->numbers[i]), 4);
	str_add_bytes(&entry, offsets.text, offsets.length);
	str_add_bytes(&entry, table.text, table.length);
	str_add(&out, "hex:");
	for (size_t i = 0; i < entry.length; i++)
		str_addf(&out, "%02X", (unsigned char)entry.text[i]);
	return str_steal(&out);
}
