// Workloads as items: see model/workload.h.
#include <errno.h>

#include "base/mem.h"
#include "model/fields.h"
#include "model/workload.h"

void workload_done(struct workload *w)
{
	if (!w)
		return;
	fields_done(w, workload_facts);
	*w = (struct workload){0};
}

void workload_copy(struct workload *to, const struct workload *from)
{
	fields_copy(to, from, workload_facts);
}

bool workload_equal(const struct workload *a, const struct workload *b)
{
	return fields_equal(a, b, workload_facts);
}

json_t *workload_to_json(const struct workload *w, enum naming naming)
{
	return fields_to_json(w, workload_facts, NULL, naming);
}

int workload_from_json(struct workload *w, const json_t *object, enum naming naming, struct err *e)
{
	struct item *item;
	int r = item_from_json(&item, object, naming, e);

	if (r < 0)
		return r;
	if (!workload_of(item)) {
		item_free(item);
		return err_msg(e, EINVAL, "an item is not a workload");
	}
	*w = *(struct workload *)item;
	free(item);
	return 0;
}
