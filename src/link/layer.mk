# link: wire format, agent, link with reconnect
noinst_LIBRARIES += liblink.a
liblink_a_SOURCES = \
	src/link/agent.c include/link/agent.h src/link/agent_parts.h \
	src/link/agent_engine.c \
	src/link/agent_job.c \
	src/link/command.c \
	src/link/link.c include/link/link.h src/link/link_parts.h \
	src/link/link_messages.c \
	src/link/link_request.c \
	src/link/wire.c include/link/wire.h
liblink_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
LINK_LIBS = liblink.a $(ENGINE_LIBS) $(UV_LIBS)

LINK_TESTS = test_link_wire test_link_agent
UNIT_TESTS += $(LINK_TESTS)
THREAD_TESTS += test_link_agent
REAL_TESTS += $(top_srcdir)/tests/link/local $(top_srcdir)/tests/link/ssh $(top_srcdir)/tests/link/dashboard $(top_srcdir)/tests/link/flood
if HAVE_CMOCKA
check_PROGRAMS += $(LINK_TESTS)
endif
test_link_wire_SOURCES = tests/unit/test_link_wire.c
test_link_wire_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_link_wire_LDADD = $(LINK_LIBS) $(CMOCKA_LIBS)
test_link_agent_SOURCES = tests/unit/test_link_agent.c
test_link_agent_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
test_link_agent_LDADD = $(LINK_LIBS) $(CMOCKA_LIBS)
# what tests/link/ssh watches a link with
check_PROGRAMS += watch
watch_SOURCES = tests/link/watch.c
watch_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
watch_LDADD = $(LINK_LIBS)
