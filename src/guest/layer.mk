# guest: the only code that knows libvirt
noinst_LIBRARIES += libguest.a
libguest_a_SOURCES = \
	include/guest/guests.h \
	include/guest/volumes.h \
	src/guest/connection/call.c src/guest/connection/call.h \
	src/guest/connection/connection.c src/guest/connection/connection.h \
	src/guest/connection/events.c src/guest/connection/events.h \
	src/guest/connection/guests.c src/guest/connection/guests.h \
	src/guest/connection/worker.c src/guest/connection/worker.h \
	src/guest/definition/caps.c src/guest/definition/caps.h \
	src/guest/definition/devices.c src/guest/definition/devices.h \
	src/guest/definition/domain_xml.c src/guest/definition/domain_xml.h \
	src/guest/definition/facts.c src/guest/definition/facts.h \
	src/guest/definition/names.c src/guest/definition/names.h \
	src/guest/definition/network_xml.c src/guest/definition/network_xml.h \
	src/guest/definition/publish.c src/guest/definition/publish.h \
	src/guest/definition/state.c src/guest/definition/state.h \
	src/guest/definition/volume_xml.c src/guest/definition/volume_xml.h \
	src/guest/files/chain.c src/guest/files/chain.h \
	src/guest/files/claims.c src/guest/files/claims.h \
	src/guest/files/content.c src/guest/files/content.h \
	src/guest/files/images.c src/guest/files/images.h \
	src/guest/files/ownership.c src/guest/files/ownership.h \
	src/guest/files/users.c src/guest/files/users.h \
	src/guest/host/directory.c src/guest/host/directory.h \
	src/guest/host/qemu.c src/guest/host/qemu.h \
	src/guest/host/uri.c src/guest/host/uri.h \
	src/guest/storage/choices.c \
	src/guest/storage/daemons.c src/guest/storage/daemons.h \
	src/guest/storage/inspect.c src/guest/storage/inspect.h \
	src/guest/storage/make.c src/guest/storage/make.h \
	src/guest/storage/new_file.c src/guest/storage/new_file.h \
	src/guest/storage/owned.c src/guest/storage/owned.h \
	src/guest/storage/pool.c src/guest/storage/pool.h \
	src/guest/storage/remove.c src/guest/storage/remove.h \
	src/guest/storage/seed.c src/guest/storage/seed.h \
	src/guest/storage/usage.c src/guest/storage/usage.h \
	src/guest/storage/volume_call.c src/guest/storage/volume_call.h \
	src/guest/storage/volume_users.c src/guest/storage/volume_users.h \
	src/guest/storage/volumes.c src/guest/storage/volumes.h \
	src/guest/streams/console.c \
	src/guest/streams/details.c \
	src/guest/streams/exec.c \
	src/guest/streams/log.c src/guest/streams/log.h \
	src/guest/streams/network_details.c \
	src/guest/streams/volume.c \
	src/guest/verbs/act.c \
	src/guest/verbs/create.c \
	src/guest/verbs/delete.c src/guest/verbs/delete.h \
	src/guest/verbs/edit.c src/guest/verbs/edit.h \
	src/guest/verbs/memory.c src/guest/verbs/memory.h \
	src/guest/verbs/network_act.c \
	src/guest/verbs/network_place.c \
	src/guest/verbs/ports.c src/guest/verbs/ports.h \
	src/guest/verbs/power.c src/guest/verbs/power.h \
	src/guest/verbs/volume_act.c \
	src/guest/vir/error.c src/guest/vir/error.h \
	src/guest/vir/loop.c src/guest/vir/loop.h \
	src/guest/vir/vir.c src/guest/vir/vir.h \
	src/guest/vir/xpath.c src/guest/vir/xpath.h \
	src/guest/watch/attached.c src/guest/watch/attached.h \
	src/guest/watch/disk_sizes.c src/guest/watch/disk_sizes.h \
	src/guest/watch/items.c src/guest/watch/items.h \
	src/guest/watch/list.c \
	src/guest/watch/measure.c \
	src/guest/watch/processes.c src/guest/watch/processes.h \
	src/guest/watch/stats.c src/guest/watch/stats.h \
	src/guest/watch/volumes.c src/guest/watch/volumes.h
libguest_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(LIBVIRT_CFLAGS) $(XML_CFLAGS)
# libvirt itself is loaded when the first connection is opened (src/guest/vir/vir.h)
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
REAL_TESTS += $(top_srcdir)/tests/guest/guests $(top_srcdir)/tests/guest/storage $(top_srcdir)/tests/guest/volumes $(top_srcdir)/tests/guest/drivers $(top_srcdir)/tests/guest/jobs $(top_srcdir)/tests/guest/system $(top_srcdir)/tests/guest/storage-root
REAL_TESTS += $(top_srcdir)/tests/guest/ports
LONG_TESTS += $(top_srcdir)/tests/guest/chaos
