# agent: the engines of one host behind the lines
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = \
	src/agent/agent.c include/agent/agent.h \
	src/agent/open.c src/agent/engines.c src/agent/sampling.c \
	src/agent/jobs.c src/agent/follow.c \
	src/agent/work.c src/agent/work.h \
	src/agent/peer.c src/agent/wanted.c src/agent/state.h
libagent_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
AGENT_LIBS = libagent.a libwire.a $(ENGINE_LIBS) $(UV_LIBS)

UNIT_TESTS += test_agent
THREAD_TESTS += test_agent
if HAVE_CMOCKA
check_PROGRAMS += test_agent
endif
test_agent_SOURCES = tests/unit/test_agent.c tests/unit/agent_1.h
test_agent_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
test_agent_LDADD = libclient.a $(AGENT_LIBS) $(CMOCKA_LIBS)
