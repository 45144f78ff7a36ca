// Terminal input: bytes and decoded keys.
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "ground.h"
#include "state.h"

static void input_decode(struct term *t)
{
	t->read_at += key_decoder_feed(&t->decoder, t->read_ahead + t->read_at, t->read_end - t->read_at);
}

int term_read(struct term *t, struct err *e)
{
	struct pollfd ready = {.fd = t->in, .events = POLLIN};

	if (t->read_at < t->read_end)
		return 0; // the caller reads keys first
	if (poll(&ready, 1, 0) <= 0)
		return 0;
	ssize_t n = read(t->in, t->read_ahead, sizeof(t->read_ahead));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return err_set(e, n < 0 && errno != EIO ? errno : EPIPE, "the terminal was closed");
	t->read_at = 0;
	t->read_end = (size_t)n;
	return (int)n;
}

bool term_key(struct term *t, bool final, struct key *key)
{
	bool found = false;

	// the decoder's buffer is smaller than what was read
	do {
		input_decode(t);
		found = key_decoder_next(&t->decoder, final && t->read_at == t->read_end, key);
		ground_read(t);
	} while (!found && t->read_at < t->read_end);
	return found;
}

bool term_key_waits(const struct term *t)
{
	return key_decoder_waits(&t->decoder);
}
