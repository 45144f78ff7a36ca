// The lines between agent and link, in pieces as they come from a pipe; and what is read out of a message.
#include "fuzz.h"
#include "model/id.h"
#include "wire/wire.h"

static void read_message(const json_t *message)
{
	struct sample samples[8] = {0};
	struct proc_host host;
	struct params params = {0};
	struct err e = {0};
	int64_t at;

	int r = wire_tick_read(message, samples, ARRAY_SIZE(samples), NAMES_NOW, &e);
	FUZZ_ERROR_IS_TOLD(r, e);
	e = (struct err){0};
	r = wire_params_read(&params, json_object_get(message, "params"), &e);
	FUZZ_ERROR_IS_TOLD(r, e);
	params_done(&params);
	wire_host_read(message, &at, &host);
	e = (struct err){0};
	wire_error_read(&e, json_object_get(message, "error"));
	free(id_rehost(wire_get_text(message, "id") ? wire_get_text(message, "id") : "", "host"));
	document_find(wire_get_text(message, "document") ? wire_get_text(message, "document") : "");
	wire_get_int(message, "deadline", 0, 1000, 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_reader reader = {0};
	size_t piece = size ? data[0] % 61 + 1 : 1;
	struct err e = {0};
	int r = 0;

	for (size_t at = 0; r >= 0 && at < size; at += piece) {
		json_t *message;

		wire_reader_add(&reader, (const char *)data + at, piece < size - at ? piece : size - at);
		while ((r = wire_reader_next(&reader, &message, &e)) > 0) {
			read_message(message);
			json_decref(message);
		}
		FUZZ_ERROR_IS_TOLD(r, e);
	}
	wire_reader_done(&reader);
	json_decref(wire_text((const char *)data, size, size & 1));
	return 0;
}
