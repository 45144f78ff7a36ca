// Forwards the output of a job's process to the request that started it.
#include "state.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "engine/job_file.h"

static void on_closed(uv_handle_t *handle)
{
	struct follower *f = handle->data;

	wire_reader_done(&f->reader);
	job_done(&f->record);
	free(f);
}

void follower_close(struct follower *f)
{
	if (!uv_is_closing((uv_handle_t *)&f->pipe))
		uv_close((uv_handle_t *)&f->pipe, on_closed);
}

static void end_follower(struct follower *f, const struct err *e, const char *text)
{
	follower_close(f);
	f->on_end(f, e, text);
}

static void take_line(struct follower *f, const json_t *message)
{
	const json_t *record = json_object_get(message, "job"), *error = json_object_get(message, "error");
	const char *text = wire_get_text(message, "text");
	struct err e = {0};

	job_done(&f->record);
	if (json_is_object(record))
		job_from_json(&f->record, record, &e);
	e.code = 0;
	if (error)
		wire_error_read(&e, error);
	if (json_is_true(json_object_get(message, "end")))
		end_follower(f, &e, text ? text : "");
	else
		f->on_step(f);
}

static void take_lines(struct follower *f)
{
	json_t *message;
	struct err e = {0};
	int r = 0;

	while (!uv_is_closing((uv_handle_t *)&f->pipe) && (r = wire_reader_next(&f->reader, &message, &e)) > 0) {
		take_line(f, message);
		json_decref(message);
	}
	if (r < 0 && !uv_is_closing((uv_handle_t *)&f->pipe))
		end_follower(f, &e, "");
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	(void)handle;
	*buffer = uv_buf_init(mem_new(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct follower *f = stream->data;
	struct err e = {0};

	if (n > 0) {
		wire_reader_add(&f->reader, buffer->base, (size_t)n);
		take_lines(f);
	} else if (n < 0) {
		if (f->record.name)
			err_msg(&e, EIO, "job %s was killed (see 'hostel job ls')", f->record.name);
		else
			err_msg(&e, EIO, "the process of its job was killed");
		end_follower(f, &e, "");
	}
	free(buffer->base);
}

struct follower *follower_open(struct agent *a, int line)
{
	struct follower *f = mem_new(sizeof(*f));

	f->record.kind = KIND_JOB;
	uv_pipe_init(&a->loop, &f->pipe, 0);
	f->pipe.data = f;
	uv_pipe_open(&f->pipe, line);
	uv_read_start((uv_stream_t *)&f->pipe, on_room, on_read);
	return f;
}
