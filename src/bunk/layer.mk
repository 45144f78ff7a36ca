# bunk: the OCI runtime as a library
noinst_LIBRARIES += libbunk.a
libbunk_a_SOURCES = \
	include/bunk/bunk.h \
	src/bunk/container/container.h \
	src/bunk/container/phase.c src/bunk/container/phase.h \
	src/bunk/container/pid_file.c src/bunk/container/pid_file.h \
	src/bunk/container/state_json.c src/bunk/container/state_json.h \
	src/bunk/criu/criu.c src/bunk/criu/criu.h \
	src/bunk/criu/host_env.c src/bunk/criu/host_env.h \
	src/bunk/criu/images.c src/bunk/criu/images.h \
	src/bunk/criu/message.c src/bunk/criu/message.h \
	src/bunk/filter/cache.c src/bunk/filter/cache.h \
	src/bunk/filter/filter.h \
	src/bunk/filter/numbers.c src/bunk/filter/numbers.h \
	src/bunk/filter/seccomp.c \
	src/bunk/filter/shorten.c src/bunk/filter/shorten.h \
	src/bunk/groups/act.h \
	src/bunk/groups/device_rules.c src/bunk/groups/device_rules.h \
	src/bunk/groups/freeze.c \
	src/bunk/groups/groups.c src/bunk/groups/groups.h \
	src/bunk/groups/json.c \
	src/bunk/groups/kill.c \
	src/bunk/groups/limit_lists.c src/bunk/groups/limit_lists.h \
	src/bunk/groups/limits.c src/bunk/groups/limits.h \
	src/bunk/groups/make.c \
	src/bunk/groups/processes.c \
	src/bunk/groups/rdt.c src/bunk/groups/rdt.h \
	src/bunk/groups/remove.c \
	src/bunk/groups/scope.c src/bunk/groups/scope.h \
	src/bunk/groups/walk.c \
	src/bunk/groups/weights.c src/bunk/groups/weights.h \
	src/bunk/make/container.c \
	src/bunk/make/idmap.c src/bunk/make/idmap.h \
	src/bunk/make/init.c src/bunk/make/init.h \
	src/bunk/make/join.c src/bunk/make/join.h \
	src/bunk/make/make.c src/bunk/make/make.h \
	src/bunk/make/map_ids.c src/bunk/make/map_ids.h \
	src/bunk/make/net_devices.c src/bunk/make/net_devices.h \
	src/bunk/make/sysctl.c src/bunk/make/sysctl.h \
	src/bunk/plan/caps.c src/bunk/plan/caps.h \
	src/bunk/plan/mounts.c \
	src/bunk/plan/namespaces.c \
	src/bunk/plan/plan.c src/bunk/plan/plan.h \
	src/bunk/plan/process.c \
	src/bunk/plan/sysctl.c \
	src/bunk/process/hooks.c src/bunk/process/hooks.h \
	src/bunk/process/labels.c src/bunk/process/labels.h \
	src/bunk/process/listener.c src/bunk/process/listener.h \
	src/bunk/process/notify.c src/bunk/process/notify.h \
	src/bunk/process/process.c src/bunk/process/process.h \
	src/bunk/process/program.c src/bunk/process/program.h \
	src/bunk/process/reaper.c src/bunk/process/reaper.h \
	src/bunk/process/relay.c src/bunk/process/relay.h \
	src/bunk/process/terminal.c src/bunk/process/terminal.h \
	src/bunk/read/config.c src/bunk/read/config.h \
	src/bunk/read/id_maps.c \
	src/bunk/read/reader.c src/bunk/read/reader.h \
	src/bunk/root/assemble.c src/bunk/root/assemble.h \
	src/bunk/root/copy_up.c \
	src/bunk/root/device_nodes.c src/bunk/root/device_nodes.h \
	src/bunk/root/devices.c src/bunk/root/devices.h \
	src/bunk/root/guarded.c src/bunk/root/guarded.h \
	src/bunk/root/mounts.c src/bunk/root/mounts.h \
	src/bunk/root/move_root.c \
	src/bunk/root/overlay.c src/bunk/root/overlay.h \
	src/bunk/root/public.c \
	src/bunk/root/rootfs.c src/bunk/root/rootfs.h \
	src/bunk/root/source.c src/bunk/root/source.h \
	src/bunk/state/configure.c src/bunk/state/configure.h \
	src/bunk/state/root.c \
	src/bunk/state/state.c src/bunk/state/state.h \
	src/bunk/verbs/checkpoint.c \
	src/bunk/verbs/create.c \
	src/bunk/verbs/exec.c \
	src/bunk/verbs/features.c \
	src/bunk/verbs/guard.c \
	src/bunk/verbs/lifecycle.c \
	src/bunk/verbs/restore.c \
	src/bunk/verbs/run.c \
	src/bunk/verbs/spec.c \
	src/bunk/verbs/stats.c \
	src/bunk/verbs/verbs.h
libbunk_a_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS) $(CAP_CFLAGS) $(JANSSON_CFLAGS)
BUNK_LIBS = libbunk.a $(SYS_LIBS) libbase.a $(SECCOMP_LIBS) $(CAP_LIBS) $(JANSSON_LIBS) -lm

REAL_TESTS += $(top_srcdir)/tests/container/bunk-systemd $(top_srcdir)/tests/lint/bunk-md $(top_srcdir)/tests/spec/config $(top_srcdir)/tests/spec/linux $(top_srcdir)/tests/spec/cgroups $(top_srcdir)/tests/spec/runtime $(top_srcdir)/tests/spec/user
BUNK_TESTS = test_bunk_criu_message test_bunk_filter test_bunk_shorten test_bunk_parse test_bunk_plan
UNIT_TESTS += $(BUNK_TESTS)
if HAVE_CMOCKA
check_PROGRAMS += $(BUNK_TESTS)
endif
test_bunk_criu_message_SOURCES = tests/unit/test_bunk_criu_message.c
test_bunk_criu_message_LDADD = $(BUNK_LIBS) $(CMOCKA_LIBS)
test_bunk_filter_SOURCES = tests/unit/test_bunk_filter.c
test_bunk_filter_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_bunk_filter_LDADD = $(BUNK_LIBS) $(CMOCKA_LIBS)
test_bunk_shorten_SOURCES = tests/unit/test_bunk_shorten.c
test_bunk_shorten_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_bunk_shorten_LDADD = $(BUNK_LIBS) $(CMOCKA_LIBS)
test_bunk_parse_SOURCES = tests/unit/test_bunk_parse.c
test_bunk_parse_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_bunk_parse_LDADD = $(BUNK_LIBS) $(CMOCKA_LIBS)
test_bunk_plan_SOURCES = tests/unit/test_bunk_plan.c
test_bunk_plan_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_bunk_plan_LDADD = $(BUNK_LIBS) $(CMOCKA_LIBS)
