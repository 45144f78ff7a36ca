// The table of `hostel df`: see space.h.
#include "space.h"

void space_write(const struct space *space, const char *type, struct str *out)
{
	str_addf(out, "TYPE\tCOUNT\tUSED\tBYTES\tUNUSED\n%s\t%zu\t%zu\t%llu\t%llu\n", type, space->count, space->used,
	         (unsigned long long)space->bytes, (unsigned long long)space->unused);
}
