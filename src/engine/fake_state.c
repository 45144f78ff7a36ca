// State shared by the files of the fake engine: clock, failures, rows.
#include "fake_state.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "engine/fake.h"
#include "model/id.h"

int64_t fake_now(const struct fake *f)
{
	return f->step ? FAKE_MONO + f->steps * SECOND : clock_mono();
}

void fake_wait_until(struct fake *f, int64_t deadline)
{
	struct timespec ts = clock_timespec(deadline);

	if (deadline == INT64_MAX)
		pthread_cond_wait(&f->moved, &f->lock);
	else
		pthread_cond_timedwait(&f->moved, &f->lock, &ts);
}

int fake_reach(struct fake *f, struct err *e)
{
	enum { ALIVE = 6 }; // calls that a fake that dies answers

	f->hang |= f->dies && f->reached++ >= ALIVE;
	while (f->hang && !f->woken)
		fake_wait_until(f, INT64_MAX);
	if (f->hang)
		return err_msg(e, ECANCELED, "the simulated daemon did not answer");
	if (f->fail)
		return err_msg(e, ENOTCONN, "the simulated daemon is not running (open the engine without 'fail')");
	return 0;
}

struct fake_row *fake_find(const struct fake *f, const char *id, struct err *e)
{
	uint64_t number;

	if (id_is_of(id, "fake") && str_to_u64(id_key(id), &number) == 0 && number > 0 && number <= f->count &&
	    !f->rows[number - 1]->gone && id_may_be(id, f->rows[number - 1]->role->kind))
		return f->rows[number - 1];
	err_msg(e, ENOENT, "no guest or container '%s'", id);
	return NULL;
}

int64_t fake_log_length(const struct fake *f, const struct fake_row *row)
{
	int64_t until = fake_row_exists(row) ? fake_now(f) : row->finished;

	return row->started && until > row->started ? (until - row->started) / SECOND : 0;
}
