// Bytes from a terminal: whatever they are, the decoder takes all of them and comes to an end. And names of keys.
#include "fuzz.h"
#include "ui/key.h"

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
		while (key_decoder_next(&d, taken == 0, &key)) {
			key_format(name, key.code);
			key_character(key);
			keys++;
		}
		if (!taken && !keys)
			abort(); // it neither takes nor gives: a busy loop
	}
	while (key_decoder_next(&d, true, &key))
		;
	if (key_decoder_waits(&d))
		abort();
	key_decoder_done(&d);
	if (key_parse(text, &code) == 0) {
		uint32_t again;

		key_format(name, code);
		if (key_parse(name, &again) < 0 || again != code)
			abort();
	}
	return 0;
}
