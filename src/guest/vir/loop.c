// The thread that runs libvirt's event loop (the default implementation), shared by all connections of this process.
#include "loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "vir.h"
#include "xpath.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned users;
static pthread_t thread;
static bool ending; // has a lock of its own, because the thread reads it
static pthread_mutex_t ending_lock = PTHREAD_MUTEX_INITIALIZER;
static int timer = -1;

static void ignore_error(void *context, virErrorPtr error)
{
	(void)context, (void)error;
}

// libvirt logs to standard error by default. An output set by the user is kept, unless it is standard error.
static void quiet_log(void)
{
	const char *outputs = getenv("LIBVIRT_LOG_OUTPUTS");

	if (!outputs || !*outputs || strstr(outputs, "stderr"))
		setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", 1);
}

static void loop_prepare(void)
{
	quiet_log();
	vir.Initialize();
	vir.SetErrorFunc(NULL, ignore_error);
	xml_be_silent();
	vir.EventRegisterDefaultImpl();
}

static bool loop_is_ending(void)
{
	pthread_mutex_lock(&ending_lock);
	bool yes = ending;
	pthread_mutex_unlock(&ending_lock);
	return yes;
}

static void loop_set_ending(bool yes)
{
	pthread_mutex_lock(&ending_lock);
	ending = yes;
	pthread_mutex_unlock(&ending_lock);
}

static void *loop_main(void *argument)
{
	(void)argument;
	while (!loop_is_ending() && vir.EventRunDefaultImpl() >= 0)
		;
	return NULL;
}

// The loop checks whether to end after each event; the timer provides one.
static void on_loop_timer(int id, void *context)
{
	(void)context;
	vir.EventUpdateTimeout(id, -1);
}

void loop_acquire(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, loop_prepare);
	pthread_mutex_lock(&lock);
	if (users++ == 0) {
		loop_set_ending(false);
		timer = vir.EventAddTimeout(-1, on_loop_timer, NULL, NULL);
		pthread_create(&thread, NULL, loop_main, NULL);
	}
	pthread_mutex_unlock(&lock);
}

void loop_release(void)
{
	pthread_mutex_lock(&lock);
	if (--users == 0) {
		loop_set_ending(true);
		vir.EventUpdateTimeout(timer, 0);
		pthread_join(thread, NULL);
		vir.EventRemoveTimeout(timer);
	}
	pthread_mutex_unlock(&lock);
}
