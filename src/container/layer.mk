# container: store, images, layers, bundles, logs, the engine's side of containers
noinst_LIBRARIES += libcontainer.a
libcontainer_a_SOURCES = \
	src/container/act.c src/container/change.c src/container/connect.c src/container/containers.c src/container/create.c src/container/end.c src/container/exec.c src/container/list.c src/container/logs.c src/container/measure.c src/container/read.c src/container/recover.c src/container/runtime.c src/container/start.c src/container/view.c src/container/view_monitor.c \
	include/container/containers.h src/container/parts.h \
	src/container/attach.c include/container/attach.h \
	src/container/clients.c include/container/clients.h \
	src/container/monitor.c src/container/monitor_io.c src/container/monitor_start.c include/container/monitor.h src/container/monitor.h \
	src/container/journal.c include/container/journal.h \
	src/container/policy.c include/container/policy.h \
	src/container/account.c include/container/account.h \
	src/container/blob.c src/container/blob.h \
	src/container/bundle.c include/container/bundle.h \
	src/container/check.c include/container/check.h \
	src/container/host.c include/container/host.h \
	src/container/network_files.c include/container/network_files.h \
	src/container/image.c src/container/image_open.c include/container/image.h \
	src/container/choose.c src/container/choose.h src/container/foreign.c src/container/foreign.h src/container/layout.c src/container/layout.h \
	src/container/platform.c src/container/platform.h \
	src/container/digest.c src/container/digest.h \
	src/container/layer.c \
	src/container/log.c include/container/log.h \
	src/container/oci.c \
	src/container/record.c include/container/record.h \
	src/container/seccomp_profile.c \
	src/container/stack.c src/container/stack.h \
	src/container/store.c include/container/store.h \
	src/container/tar.c src/container/tar.h \
	src/container/subids.c include/container/subids.h
libcontainer_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(ARCHIVE_CFLAGS) $(CRYPTO_CFLAGS)
# libarchive and libcrypto are loaded when the first image is (include/sys/library.h)
CONTAINER_LIBS = libcontainer.a $(SYS_LIBS) $(MODEL_LIBS) $(SANITIZE_LIBS) -ldl -lpthread
# what the monitor needs of it: neither archives nor digests
MONITOR_LIBS = libcontainer.a $(SYS_LIBS) $(MODEL_LIBS)

CONTAINER_TESTS = test_container_bundle test_container_clients test_container_journal test_container_image test_container_layer test_container_log test_container_store
UNIT_TESTS += $(CONTAINER_TESTS)
if HAVE_CMOCKA
check_PROGRAMS += $(CONTAINER_TESTS)
endif
test_container_bundle_SOURCES = tests/unit/test_container_bundle.c
test_container_bundle_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_container_bundle_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_clients_SOURCES = tests/unit/test_container_clients.c
test_container_clients_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_image_SOURCES = tests/unit/test_container_image.c
test_container_image_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_journal_SOURCES = tests/unit/test_container_journal.c
test_container_journal_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_layer_SOURCES = tests/unit/test_container_layer.c
test_container_layer_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_log_SOURCES = tests/unit/test_container_log.c
test_container_log_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_store_SOURCES = tests/unit/test_container_store.c
test_container_store_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_container_store_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
