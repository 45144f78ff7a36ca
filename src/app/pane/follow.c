// A followed program: see follow.h.
#include "follow.h"

#include <signal.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

// Outlives its owner until the last handle is closed.
struct follow {
	uv_process_t process;
	uv_pipe_t out, err;
	int handles;
	bool ended; // the output
	bool exited;
	follow_output *output; // NULL: closed by the owner
	void *context;
	struct str errors;
	char buffer[16384];
};

static void follow_on_closed(uv_handle_t *handle)
{
	struct follow *f = handle->data;

	if (--f->handles > 0)
		return;
	str_done(&f->errors);
	free(f);
}

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, follow_on_closed);
}

static void check_end(struct follow *f)
{
	if (!f->ended || !f->exited || !f->output)
		return;
	follow_output *output = f->output;
	f->output = NULL;
	output(f->context, NULL, 0, str_text(&f->errors));
}

static void follow_on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct follow *f = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(f->buffer, sizeof(f->buffer));
}

static void follow_on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct follow *f = stream->data;

	if (n > 0 && f->output)
		f->output(f->context, buffer->base, (size_t)n, NULL);
	if (n >= 0)
		return;
	f->ended = true;
	close_handle((uv_handle_t *)stream);
	check_end(f);
}

static void follow_on_error(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct follow *f = stream->data;

	if (n > 0 && f->errors.length < 4096)
		str_add_bytes(&f->errors, buffer->base, (size_t)n);
	if (n < 0)
		close_handle((uv_handle_t *)stream);
}

static void follow_on_exited(uv_process_t *process, int64_t status, int signal)
{
	struct follow *f = process->data;

	(void)status, (void)signal;
	f->exited = true;
	close_handle((uv_handle_t *)process);
	check_end(f);
}

static void pipe_open(uv_loop_t *loop, struct follow *f, uv_pipe_t *pipe)
{
	uv_pipe_init(loop, pipe, 0);
	pipe->data = f;
	f->handles++;
}

struct follow *follow_start(uv_loop_t *loop, const struct strv *argv, follow_output *output, void *context,
                            struct err *e)
{
	struct follow *f = mem_new(sizeof(*f));
	uv_stdio_container_t stdio[3];

	f->output = output;
	f->context = context;
	pipe_open(loop, f, &f->out);
	pipe_open(loop, f, &f->err);
	f->process.data = f;
	f->handles++;
	stdio[0].flags = UV_IGNORE;
	stdio[1].flags = stdio[2].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	stdio[1].data.stream = (uv_stream_t *)&f->out;
	stdio[2].data.stream = (uv_stream_t *)&f->err;
	// in a session of its own, so that it does not get signals from our terminal
	const uv_process_options_t options = {.exit_cb = follow_on_exited,
	                                      .file = argv->items[0],
	                                      .args = argv->items,
	                                      .stdio_count = 3,
	                                      .stdio = stdio,
	                                      .flags = UV_PROCESS_DETACHED};
	int r = uv_spawn(loop, &f->process, &options);
	if (r < 0) {
		err_set(e, -r, "cannot run '%s'", argv->items[0]);
		f->output = NULL;
		close_handle((uv_handle_t *)&f->out);
		close_handle((uv_handle_t *)&f->err);
		close_handle((uv_handle_t *)&f->process);
		return NULL;
	}
	uv_read_start((uv_stream_t *)&f->out, follow_on_room, follow_on_output);
	uv_read_start((uv_stream_t *)&f->err, follow_on_room, follow_on_error);
	return f;
}

void follow_stop(struct follow *f)
{
	if (!f)
		return;
	f->output = NULL;
	if (!f->exited)
		uv_process_kill(&f->process, SIGTERM);
	close_handle((uv_handle_t *)&f->out);
	close_handle((uv_handle_t *)&f->err);
	// the exit callback closes the last handle
}
