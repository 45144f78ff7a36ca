// What comes from criu's socket: read, written again, and read once more to the same.
#include "bunk/criu/message.h"
#include "fuzz.h"

static void check(const struct message *m, void *value, void *again, const uint8_t *data, size_t size)
{
	auto_str first = {0}, second = {0};

	if (message_read(m, value, data, size) == 0) {
		message_write(&first, m, value);
		if (message_read(m, again, str_text(&first), first.length) < 0)
			abort();
		message_write(&second, m, again);
		if (first.length != second.length || memcmp(str_text(&first), str_text(&second), first.length) != 0)
			abort();
	}
	message_done(m, value);
	message_done(m, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct criu_response response = {0}, response_again = {0};
	struct criu_request request = {0}, request_again = {0};

	check(&criu_response_message, &response, &response_again, data, size);
	check(&criu_request_message, &request, &request_again, data, size);
	return 0;
}
