# client: the other end of the lines: connecting, reconnecting, requests
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	src/client/command.c \
	src/client/link.c include/client/link.h src/client/state.h \
	src/client/messages.c \
	src/client/requests.c \
	src/client/send.c src/client/wants.c
libclient_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
CLIENT_LIBS = libclient.a $(WIRE_LIBS) $(UV_LIBS)

REAL_TESTS += $(top_srcdir)/tests/link/local $(top_srcdir)/tests/link/ssh $(top_srcdir)/tests/link/dashboard $(top_srcdir)/tests/link/window $(top_srcdir)/tests/link/flood
# what tests/link/ssh watches a link with
check_PROGRAMS += watch
watch_SOURCES = tests/link/watch.c
watch_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
watch_LDADD = $(CLIENT_LIBS)
