# bunk: the OCI runtime as a library
noinst_LIBRARIES += libbunk.a
libbunk_a_SOURCES = \
	src/bunk/assemble.c \
	src/bunk/caps.c include/bunk/caps.h \
	src/bunk/cgroups.c \
	src/bunk/cgroups_act.c \
	src/bunk/checkpoint.c \
	src/bunk/copy_up.c \
	src/bunk/closing.c include/bunk/closing.h \
	src/bunk/configure.c \
	src/bunk/create.c \
	src/bunk/criu.c include/bunk/criu.h \
	src/bunk/criu_message.c include/bunk/criu_message.h \
	src/bunk/devices.c \
	src/bunk/device_rules.c include/bunk/device_rules.h \
	src/bunk/exec.c \
	src/bunk/features.c \
	src/bunk/filter_cache.c \
	src/bunk/filter_numbers.c \
	src/bunk/filter_tree.c \
	src/bunk/group_walk.c \
	src/bunk/groups.c \
	src/bunk/groups_json.c \
	src/bunk/guard.c \
	src/bunk/guarded.c include/bunk/guarded.h \
	src/bunk/hooks.c \
	src/bunk/id_maps.c \
	src/bunk/idmap.c \
	src/bunk/images.c \
	src/bunk/init.c \
	src/bunk/lifecycle.c \
	src/bunk/listener.c \
	src/bunk/labels.c \
	src/bunk/limits.c \
	src/bunk/limits_lists.c include/bunk/limits.h \
	src/bunk/map_ids.c \
	src/bunk/move_root.c \
	src/bunk/namespaces.c \
	src/bunk/mounts.c src/bunk/overlay.c include/bunk/mounts.h \
	src/bunk/public.c \
	src/bunk/parse.c include/bunk/config.h \
	src/bunk/net_devices.c \
	src/bunk/notify.c \
	src/bunk/phase.c \
	src/bunk/pid_file.c \
	src/bunk/plan.c include/bunk/plan.h \
	src/bunk/plan_process.c \
	src/bunk/plan_sysctl.c \
	src/bunk/process.c \
	src/bunk/program.c \
	src/bunk/rdt.c include/bunk/rdt.h \
	src/bunk/reader.c include/bunk/reader.h \
	src/bunk/relay.c \
	src/bunk/restore.c \
	src/bunk/rootfs.c include/bunk/container.h include/bunk/bunk.h \
	src/bunk/run.c \
	src/bunk/scope.c \
	src/bunk/seccomp.c include/bunk/filter.h \
	src/bunk/source.c \
	src/bunk/spec.c \
	src/bunk/state.c \
	src/bunk/state_json.c \
	src/bunk/state_root.c \
	src/bunk/stats.c \
	src/bunk/surroundings.c \
	src/bunk/sysctl.c \
	src/bunk/weights.c
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
