// Credentials for registries: see engine/login.h.
#include "engine/login.h"

#include "container/login.h"

int engine_login(const char *registry, const char *user, bool from_input, struct err *e)
{
	return container_login(registry, user, from_input, e);
}

int engine_logout(const char *registry, struct err *e)
{
	return container_logout(registry, e);
}
