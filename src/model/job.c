// Bindings of the facts of jobs: see model/job.h.
#include "model/job.h"

#include <math.h>

static const struct job_record *record_of(const struct fact_source *from)
{
	return (const struct job_record *)from->item;
}

static double age(const struct fact_source *from)
{
	int64_t until = record_of(from)->finished ? record_of(from)->finished : from->now;

	return from->item->created ? (double)(until - from->item->created) : (double)NAN;
}

static double progress(const struct fact_source *from)
{
	double percent = record_of(from)->progress;

	return percent > 0 ? fmin(percent, 100) : (double)NAN;
}

#define AT(FIELD) offsetof(struct job_record, FIELD)
const struct fact_binding job_facts[FACTS] = {
	ITEM_FACTS,
	[FACT_WHAT] = {.type = FIELD_TEXT, .at = AT(what), .most = 512},
	[FACT_PHASE] = {.type = FIELD_TEXT, .at = AT(phase), .most = 1024},
	[FACT_COMMAND] = {.type = FIELD_TEXT, .at = AT(command), .most = 2048},
	[FACT_USER] = {.type = FIELD_TEXT, .at = AT(user), .most = 255},
	[FACT_PID] = {.type = FIELD_INT, .at = AT(pid)},
	[FACT_PROGRESS] = {.type = FIELD_NUMBER, .at = AT(progress), .number = progress},
	[FACT_DONE] = {.type = FIELD_BYTES, .at = AT(done)},
	[FACT_TOTAL] = {.type = FIELD_BYTES, .at = AT(total)},
	[FACT_SPEED] = {.type = FIELD_NUMBER, .at = AT(speed)},
	[FACT_FINISHED] = {.type = FIELD_TIME, .at = AT(finished)},
	[FACT_LEFT] = {.type = FIELD_LIST, .at = AT(left), .most = 512},
	[FACT_AGE] = {.type = FIELD_MADE, .number = age},
};
