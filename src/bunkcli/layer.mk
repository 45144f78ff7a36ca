# bunkcli: the command line of bunk
noinst_LIBRARIES += libbunkcli.a
libbunkcli_a_SOURCES = \
	include/bunkcli/main.h src/bunkcli/call.h src/bunkcli/limits.c src/bunkcli/limits.h src/bunkcli/log.c src/bunkcli/log.h \
	src/bunkcli/main.c src/bunkcli/options.c src/bunkcli/options.h src/bunkcli/verb_change.c src/bunkcli/verb_make.c \
	src/bunkcli/verb_show.c src/bunkcli/verbs.c
libbunkcli_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
