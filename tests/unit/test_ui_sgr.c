// ui/sgr: fewer bytes that look the same, and true colours for numbers.
#include "ui/terminal/sgr.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static void passes(struct sgr *s, const char *in, const char *out)
{
	auto_str got = {0};

	sgr_pass(s, in, strlen(in), &got);
	assert_string_equal(str_text(&got), out);
}

static void a_change_waits_until_it_is_seen(void **state)
{
	struct sgr s = {.resets_one = true};

	passes(&s, "\033[31m\033[39m\033(B\033[m\033[1mx", "\033(B\033[0;1mx");
	passes(&s, "\033(B\033[m\033[1my", "y");
	passes(&s, "\033(B\033[m\033[38;5;78m \033[1;5Hz", " \033[1;5H\033[0;38;5;78mz");
	passes(&s, "\033[39mq", "\033[mq");
	passes(&s, "\033[48;5;4m a\033[K", "\033[48;5;4m a\033[K");
	passes(&s, "\033[m\033[K", "\033[m\033[K"); // what is erased has the background of now
	passes(&s, "\033[7m ", "\033[7m ");
	passes(&s, "\033[32m ", "\033[32m "); // turned round a blank shows the foreground
	passes(&s, "\033[m", "");
	passes(&s, "x", "\033[mx");
}

// Where the row is known, a move within it or to the next one is shorter.
static void moves_are_short(void **state)
{
	struct sgr s = {.resets_one = true, .moves_in_row = true, .known = true, .charset = true}, far = s;

	passes(&s, "\033[5;9Ha\033[5;80Hb\033[6;3Hc\r\033[7dd", "\033[5;9Ha\033[80Gb\n\033[3Gc\r\nd");
	passes(&s, "\033[9;3He\n\033[10;4Hf", "\033[9;3He\n\033[10;4Hf"); // a line feed may scroll
	passes(&s, "\033[10;20r\033[10;4Hg", "\033[10;20r\033[10;4Hg");
	passes(&s, "\033[H\033[1;4Hh", "\033[H\033[4Gh");
	far.moves_in_row = false;
	passes(&far, "\033[5;9Ha\033[5;80Hb", "\033[5;9Ha\033[5;80Hb");
}

// By a distance where that is shorter, and only over characters that every terminal shows equally wide.
static void moves_by_a_distance_are_shorter(void **state)
{
	struct sgr s = {.resets_one = true, .moves_in_row = true, .known = true, .charset = true}, old = s;

	passes(&s, "\033[5;9Hab\033[5;20Hc", "\033[5;9Hab\033[9Cc");
	passes(&s, "\033[22Gd\033[44Ge", "\033[Cd\033[44Ge");
	passes(&s, "\033[5;40Hf\033[6;41Hg", "\033[40Gf\ng"); // there already
	passes(&s, "\033[m\033[44Gh\033[K\033[5Gi", "\033[2Ch\033[K\033[5Gi");
	passes(&s, "\033[20G⣿\033[25Gj", "\033[20G⣿\033[4Cj");
	passes(&s, "\033[30G▰\033[35Gk", "\033[4C▰\033[35Gk"); // two columns in some terminals
	passes(&s, "\033[40Gl\r\033[10Gm", "\033[4Cl\r\033[9Cm");
	old.moves_in_row = false;
	passes(&old, "\033[5;9Hab\033[20Gc", "\033[5;9Hab\033[20Gc");
}

static void an_old_terminal_gives_up_all_attributes(void **state)
{
	struct sgr s = {0};

	passes(&s, "\033[1;4mx\033[m\033[4my\033[mz", "\033[0;1;4mx\033[0;4my\033[mz");
}

static void bold_and_dim_are_taken_back_together(void **state)
{
	struct sgr s = {.resets_one = true};

	passes(&s, "\033[1;38;5;200;48;5;100mx\033[0;2;38;5;200;48;5;100my", "\033[0;1;38;5;200;48;5;100mx\033[22;2my");
}

static void numbers_become_true_colours(void **state)
{
	struct sgr s = {.resets_one = true};
	unsigned first = sgr_number(&s.palette, 0x102030), second = sgr_number(&s.palette, 0xff8000);

	assert_int_equal(sgr_number(&s.palette, 0x102030), first);
	assert_int_equal(first, 16);
	assert_int_equal(second, 17);
	passes(&s, "\033[38;5;16;48;5;17mx", "\033[0;38;2;16;32;48;48;2;255;128;0mx");
	// numbers without a true colour are kept
	passes(&s, "\033[38;5;3m\033[48;5;99my", "\033[38;5;3;48;5;99my");
	for (unsigned i = 0; i < 1000; i++)
		assert_true(sgr_number(&s.palette, i * 1234567 & 0xffffff) < 256);
}

static void what_is_unknown_passes(void **state)
{
	static const char *const rows[] = {
	    "\033[?2026h\033[?25l", "\033]2;title\033\\", "\033[22;0;0t", "\033[>4;1m", "\033=", "\033[5;20r", "\033[2J"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sgr s = {.resets_one = true};
		auto_str got = {0};

		sgr_pass(&s, "\033[31mx", 6, &got);
		str_clear(&got);
		sgr_pass(&s, rows[i], strlen(rows[i]), &got);
		assert_string_equal(str_text(&got), rows[i]);
	}
}

static void any_bytes_pass(void **state)
{
	struct sgr s = {0};
	uint32_t random = 7;

	for (int round = 0; round < 20000; round++) {
		char bytes[33] = "";
		auto_str got = {0};

		for (size_t i = 0; i < 32; i++) {
			static const char often[] = "\033\033[[;;mmK38251407: x\n\017(B";

			random = random * 1664525 + 1013904223;
			bytes[i] = often[(random >> 8) % (sizeof(often) - 1)];
		}
		bytes[random % 33] = '\0';
		sgr_pass(&s, bytes, random % 33, &got);
		assert_true(got.length < 4000);
	}
}

// A terminal repeats what came last, were it the end of a change of colour; and not every one does.
static void what_is_repeated_is_written_out(void **state)
{
	struct sgr s = {.resets_one = true};

	passes(&s, "\033[31mx\033[m \033[3b", "\033[0;31mx    ");
	passes(&s, "\033[32m-\033[4b|", "\033[32m-----|");
	passes(&s, "\xe2\x94\x80\033[2b", "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80");
	passes(&s, "ab\n\033[1b", "ab\nb");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_waits_until_it_is_seen),
		cmocka_unit_test(moves_are_short),
		cmocka_unit_test(moves_by_a_distance_are_shorter),
		cmocka_unit_test(an_old_terminal_gives_up_all_attributes),
		cmocka_unit_test(bold_and_dim_are_taken_back_together),
		cmocka_unit_test(numbers_become_true_colours),
		cmocka_unit_test(what_is_repeated_is_written_out),
		cmocka_unit_test(what_is_unknown_passes),
		cmocka_unit_test(any_bytes_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
