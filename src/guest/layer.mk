# guest: the only code that knows libvirt
noinst_LIBRARIES += libguest.a
libguest_a_SOURCES = \
	src/guest/act.c src/guest/call.c src/guest/caps.c src/guest/chain.c src/guest/claims.c src/guest/connection.c \
	src/guest/console.c src/guest/content.c src/guest/create.c src/guest/daemons.c src/guest/delete.c \
	src/guest/details.c src/guest/devices.c src/guest/directories.c src/guest/directory.c src/guest/directory.h src/guest/domain_xml.c \
	src/guest/error.c src/guest/events.c src/guest/exec.c src/guest/facts.c src/guest/guests.c src/guest/images.c \
	src/guest/inspect.c src/guest/list.c src/guest/log.c src/guest/loop.c src/guest/make.c src/guest/measure.c \
	src/guest/memory.c src/guest/names.c src/guest/neighbours.c src/guest/owned.c \
	src/guest/ownership.c src/guest/parts.h src/guest/pool.c src/guest/power.c src/guest/processes.c \
	src/guest/qemu.c src/guest/remove.c src/guest/seed.c src/guest/state.c src/guest/stats.c src/guest/storage.h \
	src/guest/uri.c src/guest/uri.h src/guest/users.c src/guest/vir.c src/guest/vir.h src/guest/worker.c \
	src/guest/xpath.c include/guest/domain_xml.h include/guest/facts.h include/guest/guests.h
libguest_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(LIBVIRT_CFLAGS) $(XML_CFLAGS)
# libvirt itself is loaded when the first connection is opened (src/guest/vir.h)
GUEST_LIBS = libguest.a $(SYS_LIBS) $(MODEL_LIBS) $(SANITIZE_LIBS) -ldl -lpthread

GUEST_TESTS = test_guest_xml test_guest_stats test_guest_uri test_guest_storage test_guest_driver
UNIT_TESTS += $(GUEST_TESTS)
THREAD_TESTS += test_guest_driver
if HAVE_CMOCKA
check_PROGRAMS += $(GUEST_TESTS)
endif
test_guest_xml_SOURCES = tests/unit/test_guest_xml.c
test_guest_xml_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_guest_xml_LDADD = $(GUEST_LIBS) $(CMOCKA_LIBS)
test_guest_stats_SOURCES = tests/unit/test_guest_stats.c
test_guest_stats_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(LIBVIRT_CFLAGS)
test_guest_stats_LDADD = $(GUEST_LIBS) $(CMOCKA_LIBS)
test_guest_storage_SOURCES = tests/unit/test_guest_storage.c
test_guest_storage_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(LIBVIRT_CFLAGS)
test_guest_storage_LDADD = $(GUEST_LIBS) $(CMOCKA_LIBS)
test_guest_uri_SOURCES = tests/unit/test_guest_uri.c
test_guest_uri_LDADD = $(GUEST_LIBS) $(CMOCKA_LIBS)
test_guest_driver_SOURCES = tests/unit/test_guest_driver.c
test_guest_driver_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(LIBVIRT_CFLAGS)
test_guest_driver_LDADD = $(GUEST_LIBS) $(CMOCKA_LIBS)
REAL_TESTS += $(top_srcdir)/tests/guest/guests $(top_srcdir)/tests/guest/storage $(top_srcdir)/tests/guest/drivers $(top_srcdir)/tests/guest/system $(top_srcdir)/tests/guest/storage-root
LONG_TESTS += $(top_srcdir)/tests/guest/chaos
