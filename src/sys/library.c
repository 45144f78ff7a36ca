// Opening shared libraries on demand: see sys/library.h.
#include "sys/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"

static void note_problem(struct library *l)
{
	const char *text = dlerror();

	strncpy(l->problem, text ? text : "it cannot be loaded", sizeof(l->problem) - 1);
}

void *library_symbol(const struct library *l, const char *name)
{
	for (size_t i = 0; i < LIBRARY_FILES && l->handles[i]; i++) {
		void *address = dlsym(l->handles[i], name);

		if (address)
			return address;
	}
	return NULL;
}

static void load(struct library *l)
{
	for (size_t i = 0; i < LIBRARY_FILES && l->files[i]; i++)
		if (!(l->handles[i] = dlopen(l->files[i], RTLD_NOW | RTLD_LOCAL))) {
			note_problem(l);
			return;
		}
	for (size_t i = 0; i < l->count; i++) {
		void *address = library_symbol(l, l->functions[i].name);

		if (!address) {
			note_problem(l);
			return;
		}
		memcpy((char *)l->table + l->functions[i].at, &address, sizeof(address));
	}
}

int library_load(struct library *l, struct err *e)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&mutex);
	if (!l->tried)
		load(l);
	l->tried = true;
	pthread_mutex_unlock(&mutex);
	return *l->problem ? err_msg(e, EOPNOTSUPP, "%s (%s)", l->problem, l->purpose) : 0;
}
