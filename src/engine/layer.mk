# engine: one small table of functions per engine, and a fake one
noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	src/engine/bunk.c src/engine/libvirt.c src/engine/job.c src/engine/job_file.c include/engine/job_file.h \
	src/engine/copy.c include/engine/copy.h src/engine/choices.c include/engine/choices.h src/engine/registry.c include/engine/engine.h include/engine/registry.h \
	src/engine/login.c include/engine/login.h \
	src/engine/sweep.c include/engine/sweep.h \
	src/engine/job_left.c \
	src/engine/shared_networks.c src/engine/shared_networks.h \
	src/engine/fake.c include/engine/fake.h \
	src/engine/fake_script.c src/engine/fake_script.h \
	src/engine/fake_items.c src/engine/fake_items.h src/engine/fake_networks.c src/engine/fake_networks.h src/engine/fake_state.c src/engine/fake_state.h \
	src/engine/fake_host.c src/engine/fake_host.h \
	src/engine/fake_stream.c
libengine_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
ENGINE_LIBS = libengine.a $(GUEST_LIBS) $(CONTAINER_LIBS) $(MODEL_LIBS) -lpthread

ENGINE_TESTS = test_engine_fake test_engine_job
UNIT_TESTS += $(ENGINE_TESTS)
THREAD_TESTS += $(ENGINE_TESTS)
if HAVE_CMOCKA
check_PROGRAMS += $(ENGINE_TESTS)
endif
test_engine_fake_SOURCES = tests/unit/test_engine_fake.c
test_engine_fake_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_engine_fake_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)
test_engine_job_SOURCES = tests/unit/test_engine_job.c
test_engine_job_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_engine_job_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)
