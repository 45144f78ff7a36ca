# cli: the verbs of the command line
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	src/cli/cli.h \
	src/cli/client.c src/cli/client.h \
	src/cli/client_engines.c \
	src/cli/client_find.c \
	src/cli/client_list.c \
	src/cli/client_request.c \
	src/cli/client_state.h \
	src/cli/container_options.c src/cli/container_options.h \
	src/cli/format.c src/cli/format.h \
	src/cli/main.c include/cli/main.h \
	src/cli/noun.c \
	src/cli/options.c \
	src/cli/output.c \
	src/cli/remote.c \
	src/cli/short_name.c \
	src/cli/status.c \
	src/cli/stream.c src/cli/stream.h \
	src/cli/verb_act.c \
	src/cli/verb_agent.c \
	src/cli/verb_check.c \
	src/cli/verb_complete.c \
	src/cli/verb_completion.c \
	src/cli/verb_copy.c \
	src/cli/verb_create.c \
	src/cli/verb_df.c \
	src/cli/verb_diff.c \
	src/cli/verb_edit.c \
	src/cli/verb_events.c \
	src/cli/verb_help.c \
	src/cli/verb_history.c \
	src/cli/verb_image.c \
	src/cli/verb_inspect.c \
	src/cli/verb_list.c \
	src/cli/verb_login.c \
	src/cli/verb_logs.c \
	src/cli/verb_of_kind.c \
	src/cli/verb_prune.c \
	src/cli/verb_start.c \
	src/cli/verbs.c
libcli_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)

UNIT_TESTS += test_cli_verbs
if HAVE_CMOCKA
check_PROGRAMS += test_cli_verbs
endif
test_cli_verbs_SOURCES = tests/unit/test_cli_verbs.c
test_cli_verbs_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_cli_verbs_LDADD = libcli.a $(CLIENT_LIBS) $(AGENT_LIBS) $(CMOCKA_LIBS)
