// What is to be measured: see model/measures.h.
#include "model/measures.h"

void measures_add_all(struct measures *m)
{
	for (enum kind kind = 0; kind < KINDS; kind++)
		m->of_kind[kind] = METRICS_ALL;
}

void measures_add_trouble(struct measures *m)
{
	for (enum kind kind = 0; kind < WORKLOAD_KINDS; kind++)
		m->of_kind[kind] |= METRICS_OF_TROUBLE;
}

void measures_sort(struct measures *m)
{
	strv_sort(&m->ids);
}

void measures_done(struct measures *m)
{
	strv_done(&m->ids);
	*m = (struct measures){0};
}

uint32_t measures_of(const struct measures *m, enum kind kind, const char *id)
{
	return m->of_kind[kind] | (strv_has_sorted(&m->ids, id) ? m->of_ids : 0);
}

bool measures_any(const struct measures *m, enum kind kind)
{
	return m->of_kind[kind] || (m->ids.count && m->of_ids);
}
