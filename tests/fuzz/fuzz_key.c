// Bytes from a terminal: whatever they are, the decoder takes all of them, comes to an end, and has keys again. And
// names of keys.
#include "fuzz.h"
#include "ui/key.h"

// The keys of BYTES when the Esc delay passes after them: how many, and the last one's code.
static size_t type(struct key_decoder *d, const char *bytes, size_t n, uint32_t *last)
{
	struct key key;
	size_t count = 0;

	if (key_decoder_feed(d, bytes, n) != n)
		abort();
	for (; key_decoder_next(d, true, &key); count++)
		*last = key.code;
	if (key_decoder_waits(d))
		abort();
	return count;
}

// Whatever came before: after Ctrl-C, Esc and one more key every key is itself again.
static void check_keys_again(struct key_decoder *d)
{
	uint32_t last = K_NONE;

	type(d, "\003", 1, &last);
	type(d, "\033", 1, &last);
	type(d, "q", 1, &last);
	if (type(d, "S", 1, &last) != 1 || last != 'S' || type(d, "\033[A", 3, &last) != 1 || last != K_UP)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key_decoder d = {0};
	auto_free char *text = fuzz_text(data, size);
	size_t at = 0;
	struct key key;
	uint32_t code;
	char name[KEY_NAME];

	key_decoder_add(&d, "\033[99~", K_F1);
	while (at < size) {
		size_t taken = key_decoder_feed(&d, text + at, size - at);
		size_t keys = 0;

		at += taken;
		// in half of the runs the Esc delay passes each time
		while (key_decoder_next(&d, taken == 0 || (size && data[0] & 1), &key)) {
			key_format(name, key.code);
			key_character(key);
			keys++;
		}
		if (!taken && !keys)
			abort(); // it neither takes nor gives: a busy loop
	}
	check_keys_again(&d);
	key_decoder_done(&d);
	free(key_typed(text, size));
	if (key_parse(text, &code) == 0) {
		uint32_t again;

		key_format(name, code);
		if (key_parse(name, &again) < 0 || again != code)
			abort();
	}
	return 0;
}
