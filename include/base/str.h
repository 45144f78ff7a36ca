// Text: a growable buffer, lists of strings, ordered name=value pairs, and escaping of untrusted text.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

// A growable, always terminated buffer. Zero-initialised it is empty; text is NULL until something is added.
struct str {
	char *text;
	size_t length;
	size_t room;
};

void str_done(struct str *s);
void str_clear(struct str *s); // empties it, keeps the memory
void str_add(struct str *s, const char *text);
void str_add_bytes(struct str *s, const void *bytes, size_t n);
void str_add_char(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// The text as an owned string (never NULL); S is empty afterwards.
char *str_steal(struct str *s);
// The text, "" when nothing was added. Valid until the next change of S.
const char *str_text(const struct str *s);

static inline void auto_str_run(struct str *s)
{
	str_done(s);
}
#define auto_str AUTO(str) struct str

// A list of owned strings, NULL-terminated so that it can be an argv. Zero-initialised it is empty (items NULL).
struct strv {
	char **items;
	size_t count;
};

void strv_done(struct strv *v);
void strv_add(struct strv *v, const char *text); // copies TEXT
void strv_take(struct strv *v, char *text);      // owns TEXT from now on
void strv_addf(struct strv *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strv_copy(struct strv *to, const struct strv *from); // TO must be empty or zeroed
bool strv_equal(const struct strv *a, const struct strv *b);
void strv_sort(struct strv *v); // by bytes
bool strv_has(const struct strv *v, const char *text);
bool strv_has_sorted(const struct strv *v, const char *text);
// Splits TEXT at each character of SEPARATORS; empty pieces are left out.
void strv_split(struct strv *v, const char *text, const char *separators);
// Splits TEXT at blanks, with quotes and backslashes as in a shell. Returns false for an open quote.
bool strv_split_quoted(struct strv *v, const char *text);

static inline void auto_strv_run(struct strv *v)
{
	strv_done(v);
}
#define auto_strv AUTO(strv) struct strv

// Ordered name → value pairs; a name may occur more than once (a list). Zero-initialised it is empty.
struct params {
	struct param {
		char *name;
		char *value;
	} *items;
	size_t count;
};

void params_done(struct params *p);
void params_add(struct params *p, const char *name, const char *value); // copies both
void params_set(struct params *p, const char *name, const char *value); // replaces the first, or adds
// The first value of NAME, or NULL. Owned by P.
const char *params_get(const struct params *p, const char *name);
// The value of NAME number INDEX (from 0), or NULL when there are fewer.
const char *params_get_nth(const struct params *p, const char *name, size_t index);
// The value of NAME, or OTHERWISE when it is missing or empty.
const char *params_or(const struct params *p, const char *name, const char *otherwise);
void params_remove(struct params *p, const char *name); // all values of NAME
void params_copy(struct params *to, const struct params *from); // adds FROM's pairs to TO

static inline void auto_params_run(struct params *p)
{
	params_done(p);
}
#define auto_params AUTO(params) struct params

bool str_equal(const char *a, const char *b); // NULL equals only NULL
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
// Whether PATH is DIRECTORY or below it. Compares texts only: both must be absolute, without "." and "..".
bool str_is_within(const char *path, const char *directory);
uint32_t str_hash(const char *text); // FNV-1a
// A copy of TEXT with '\' before each character in SPECIAL. Owned.
char *str_escape(const char *text, const char *special);
// Appends WORD as one word for a POSIX shell, quoted if necessary.
void str_add_quoted(struct str *s, const char *word);
// Compares so that web-2 comes before web-10. For sorting names.
int str_natural_compare(const char *a, const char *b);

// In ASCII, whatever the locale.
#define STR_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define STR_DIGITS "0123456789"
// Whether TEXT has 1 to MOST characters, the first from FIRST and the rest from MORE.
bool str_is_made_of(const char *text, const char *first, const char *more, size_t most);

// Decodes one UTF-8 sequence of at most N bytes at TEXT. Returns its length and sets *CP,
// or 0 when the bytes are not valid UTF-8 (RFC 3629: no overlong forms, no surrogates).
size_t str_decode(const char *text, size_t n, uint32_t *cp);
// Encodes CP into OUT (at least 4 bytes, not terminated). Returns the length.
size_t str_encode(uint32_t cp, char *out);

// Truncates TEXT to MOST bytes (at least 3), ending in "…" and without splitting a character. Returns whether it was
// longer.
bool str_cut(char *text, size_t most);

// Whether CP can be shown unescaped: false for control characters (C0, C1, DEL), bidirectional and other format
// characters, and invisible ones.
bool str_is_shown(uint32_t cp);
// Appends N bytes of untrusted TEXT to S, escaped so that it is safe to show: control characters become ^X or \xNN,
// others that unicode_is_shown() rejects \u{N}, invalid bytes \xNN. Tabs and newlines are escaped, too.
void str_add_visible(struct str *s, const char *text, size_t n);
// The same for text of several lines: keeps tabs and newlines.
void str_add_lines(struct str *s, const char *text, size_t n);
// The same for JSON text: such characters become \uNNNN, so that the parsed value is unchanged.
void str_add_json(struct str *s, const char *json);
// The same for lines of a log: keeps tabs, line ends and colours (ECMA-48 SGR), which are reset at the end of the
// line.
void str_add_log(struct str *s, const char *text, size_t n);
// Appends N bytes of TEXT for a 7-bit terminal: the few symbols that hostel itself uses are transliterated ("...",
// "->"), every other non-ASCII character becomes \u{N} and an invalid byte \xNN, so that two names never look the
// same. ASCII is kept.
void str_add_ascii(struct str *s, const char *text, size_t n);
// str_add_visible() for a terminated string, into a new owned string.
char *str_visible(const char *text);

// Strict decimal parsing of the whole of TEXT: no sign, blanks, or overflow. Returns 0 or -EINVAL/-ERANGE.
int str_to_u64(const char *text, uint64_t *value);
int str_to_i64(const char *text, int64_t *value);
