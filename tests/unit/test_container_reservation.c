// Places of containers on libvirt's networks that a sweep removes, with a fake libvirt that counts entries.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "container/network/libvirt/reservation.h"
#include "sys/fs.h"

static char store[] = "/tmp/test_container_reservation.XXXXXX";
static int entries;
static bool on_open, on_remove; // when another container gets the name

static void create(void)
{
	auto_free char *path = mem_printf("%s/containers/web", store);

	assert_int_equal(fs_make_directories(path, 0700, NULL), 0);
}

static void delete(void)
{
	auto_free char *path = mem_printf("%s/containers/web", store);

	rmdir(path);
}

static int open_fake(void **self, struct err *e)
{
	(void)self, (void)e;
	if (on_open)
		create();
	return 0;
}

static void close_fake(void *self)
{
	(void)self;
}

static int read_fake(void *self, const char *name, struct shared_network *n, struct err *e)
{
	(void)self, (void)name, (void)e;
	*n = (struct shared_network){.uuid = mem_strdup("u"), .bridge = mem_strdup("no-such-bridge"),
	                             .address = mem_strdup("10.77.1.1"), .subnet = mem_strdup("10.77.1.0/24")};
	return 0;
}

static int add_fake(void *self, const char *uuid, const struct network_place *p, struct err *e)
{
	(void)self, (void)uuid, (void)p, (void)e;
	entries++;
	return 0;
}

static int remove_fake(void *self, const char *uuid, const struct network_place *p, struct err *e)
{
	(void)self, (void)uuid, (void)p, (void)e;
	entries--;
	if (on_remove)
		create();
	return 0;
}

static const struct shared_networks_table fake = {open_fake, close_fake, read_fake, add_fake, remove_fake};

static int set_up(void **state)
{
	const struct network_place wish = {.name = (char[]){"web"}};
	struct err e = {0};

	(void)state;
	entries = 0;
	on_open = on_remove = false;
	strcpy(strrchr(store, '.'), ".XXXXXX");
	assert_non_null(mkdtemp(store));
	reservations_use(&fake);
	create();
	assert_int_equal(reservation_make(store, "no-such-network", &wish, &e), 0);
	return entries != 1;
}

static int tear_down(void **state)
{
	(void)state;
	return fs_remove_tree(AT_FDCWD, store, NULL);
}

// Whether the place has a file; checks that it has an entry if and only if it has a file.
static bool is_there(void)
{
	auto_reservation r = {0};
	struct err e = {0};
	bool there = reservation_read(store, "no-such-network", "web", &r, &e) == 0;

	assert_int_equal(entries, there);
	return there;
}

static void sweep(void)
{
	struct err e = {0};

	assert_int_equal(reservations_sweep(store, true, NULL, &e), 0);
}

static void test_removed_with_container(void **state)
{
	(void)state;
	sweep();
	assert_true(is_there());
	delete();
	sweep();
	assert_false(is_there());
}

static void test_same_name_before_lock(void **state)
{
	(void)state;
	delete();
	on_open = true;
	sweep();
	assert_true(is_there());
}

static void test_same_name_during_removal(void **state)
{
	(void)state;
	delete();
	on_remove = true;
	sweep();
	assert_true(is_there());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_removed_with_container, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_same_name_before_lock, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_same_name_during_removal, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
