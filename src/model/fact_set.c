// Sets of facts: see model/fact.h.
#include "model/fact.h"

enum { BITS = 64 };

void fact_set_add(struct fact_set *set, enum fact fact)
{
	set->bits[fact / BITS] |= UINT64_C(1) << fact % BITS;
}

void fact_set_add_all(struct fact_set *set)
{
	for (enum fact fact = 0; fact < FACTS; fact++)
		fact_set_add(set, fact);
}

void fact_set_join(struct fact_set *set, const struct fact_set *other)
{
	set->bits[0] |= other->bits[0];
	set->bits[1] |= other->bits[1];
}

bool fact_set_has(const struct fact_set *set, enum fact fact)
{
	return set->bits[fact / BITS] >> fact % BITS & 1;
}
