// Prints what happens to a link, one line for each event, until its input ends: the eyes of tests/link/ssh and
// tests/link/local. usage: watch HOST [ENGINE]…      HOST ".": the agent of this machine, from the program in
// HOSTEL_REMOTE. On its input: "argv ID" prints a stream's command line
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "client/link.h"

static struct link *watched;
static unsigned ticks;

static void on_hello(void *context, const struct link_hello *hello)
{
	(void)context;
	ticks = 0;
	printf("hello %s cpus %u\n", hello->program, hello->cpus);
}

static void on_ready(void *context)
{
	(void)context;
	printf("ready %zu\n", inventory_count(link_inventory(watched)));
}

static void on_tick(void *context, const struct sample_set *set)
{
	(void)context;
	if (ticks++ == 0)
		printf("tick %s\n", set->count ? set->rows[0].id : "-");
}

static void on_lost(void *context, const char *why, int64_t retry_in)
{
	(void)context;
	printf("lost rows %zu retry %s: %s\n", inventory_count(link_inventory(watched)), retry_in > 0 ? "yes" : "no", why);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	static char bytes[256];

	(void)handle, (void)suggested;
	*buffer = uv_buf_init(bytes, sizeof(bytes) - 1);
}

static void on_input(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	if (n <= 0) {
		uv_close((uv_handle_t *)stream, NULL);
		link_close(watched);
		return;
	}
	buffer->base[n] = '\0';
	buffer->base[strcspn(buffer->base, "\n")] = '\0';
	if (!str_starts(buffer->base, "argv "))
		return;
	auto_strv argv = {0};
	link_stream_argv(watched, buffer->base + 5, STREAM_ATTACH, NULL, &argv);
	printf("argv");
	for (size_t i = 0; i < argv.count; i++)
		printf(" %s", argv.items[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	static const struct link_callbacks callbacks = {
	    .on_hello = on_hello, .on_ready = on_ready, .on_tick = on_tick, .on_lost = on_lost};
	const struct link_options options = {
		.engines = (const char *const *)argv + 2, .interval = INT64_C(200000000), .program = getenv("HOSTEL_REMOTE")};
	uv_loop_t *loop = uv_default_loop();
	struct err e = {0};
	uv_pipe_t input;

	setvbuf(stdout, NULL, _IOLBF, 0);
	bool here = argc > 1 && strcmp(argv[1], ".") == 0;
	int r = here ? link_open_local(&watched, loop, &options, &callbacks, NULL, &e)
	             : link_open_ssh(&watched, loop, argc > 1 ? argv[1] : "", &options, &callbacks, NULL, &e);
	if (r < 0) {
		fprintf(stderr, "watch: %s\n", e.text);
		return 1;
	}
	uv_pipe_init(loop, &input, 0);
	uv_pipe_open(&input, 0);
	uv_read_start((uv_stream_t *)&input, on_room, on_input);
	uv_run(loop, UV_RUN_DEFAULT);
	return uv_loop_close(loop) == 0 ? 0 : 3; // everything was given back
}
