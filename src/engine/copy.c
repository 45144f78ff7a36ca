// Copying files: the container layer behind the engines.
#include "engine/copy.h"

#include "container/copy.h"

int engine_copy_pack(const char *path, bool follow, int out, struct err *e)
{
	return copy_pack(path, follow, out, e);
}

int engine_copy_unpack(int in, const char *path, bool owners, struct err *e)
{
	return copy_unpack(in, path, owners, e);
}
