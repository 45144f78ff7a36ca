# bin: the programs
bin_PROGRAMS += bunk
bunk_SOURCES = src/bin/bunk.c
if MUSL
# the layers of bunk once more, compiled for musl; warnings are errors where they are compiled for glibc
noinst_LIBRARIES += libmusl.a
libmusl_a_SOURCES = $(libbase_a_SOURCES) $(libsys_a_SOURCES) $(libbunk_a_SOURCES) $(libbunkcli_a_SOURCES) src/bin/musl/library.c \
	src/bin/musl/include/stdio.h src/bin/musl/include/string.h src/bin/musl/include/unistd.h src/bin/musl/include/sys/mount.h src/bin/musl/include/sys/pidfd.h src/bin/musl/include/sys/resource.h src/bin/musl/include/sys/stat.h
EXTRA_DIST += src/bin/musl/static-pie.specs
libmusl_a_CFLAGS = $(AM_CFLAGS) -Wno-error $(MUSL_CFLAGS) -I$(top_srcdir)/src/bin/musl/include
bunk_CFLAGS = $(libmusl_a_CFLAGS)
bunk_LDFLAGS = $(AM_LDFLAGS) $(MUSL_LDFLAGS) $(ENTRY_LDFLAGS)
bunk_LDADD = libentry.a libmusl.a $(MUSL_LIBS)
else
bunk_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
bunk_LDFLAGS = $(AM_LDFLAGS) $(STATIC_LDFLAGS) $(ENTRY_LDFLAGS)
bunk_LDADD = libentry.a libbunkcli.a $(BUNK_LIBS)
endif
# bunk as valgrind can look into it: linked dynamically over the usual C library
check_PROGRAMS += bunk-dynamic
bunk_dynamic_SOURCES = $(bunk_SOURCES)
bunk_dynamic_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
bunk_dynamic_LDADD = libbunkcli.a $(BUNK_LIBS)
# what runs before the C library is set up
noinst_LIBRARIES += libentry.a
libentry_a_SOURCES = src/bin/bunk-entry.c
libentry_a_CFLAGS = $(AM_CFLAGS) -fno-stack-protector -fno-builtin
REAL_TESTS += $(top_srcdir)/tests/container/bunk $(top_srcdir)/tests/container/bunk-user $(top_srcdir)/tests/container/calls $(top_srcdir)/tests/lint/man-bunk $(top_srcdir)/tests/container/hostel $(top_srcdir)/tests/container/hostel-user
REAL_TESTS += $(top_srcdir)/tests/container/same-as-runc $(top_srcdir)/tests/container/chaos $(top_srcdir)/tests/container/chaos-user $(top_srcdir)/tests/container/faults $(top_srcdir)/tests/container/figures $(top_srcdir)/tests/container/problems $(top_srcdir)/tests/container/images $(top_srcdir)/tests/container/images-user $(top_srcdir)/tests/container/registry $(top_srcdir)/tests/container/registry-user $(top_srcdir)/tests/container/image-verbs $(top_srcdir)/tests/container/image-verbs-user $(top_srcdir)/tests/container/image-layers $(top_srcdir)/tests/container/image-layers-user $(top_srcdir)/tests/container/image-choice $(top_srcdir)/tests/container/image-choice-user $(top_srcdir)/tests/container/image-config $(top_srcdir)/tests/container/image-config-user
REAL_TESTS += $(top_srcdir)/tests/container/copying $(top_srcdir)/tests/container/copying-user $(top_srcdir)/tests/container/making $(top_srcdir)/tests/container/making-user
REAL_TESTS += $(top_srcdir)/tests/container/image-transfer $(top_srcdir)/tests/container/image-transfer-user $(top_srcdir)/tests/container/image-faults
REAL_TESTS += $(top_srcdir)/tests/container/volumes $(top_srcdir)/tests/container/volumes-user $(top_srcdir)/tests/container/volume-screen
LONG_TESTS += $(top_srcdir)/tests/container/image-faults-long
REAL_TESTS += $(top_srcdir)/tests/container/events $(top_srcdir)/tests/container/events-user
REAL_TESTS += $(top_srcdir)/tests/container/jobs-user
REAL_TESTS += $(top_srcdir)/tests/container/rename $(top_srcdir)/tests/container/rename-user
REAL_TESTS += $(top_srcdir)/tests/container/space $(top_srcdir)/tests/container/space-user
REAL_TESTS += $(top_srcdir)/tests/container/image-faults-user
REAL_TESTS += $(top_srcdir)/tests/container/network-ports $(top_srcdir)/tests/container/network-firewalls
REAL_TESTS += $(top_srcdir)/tests/container/network-user $(top_srcdir)/tests/container/network-user-faults
REAL_TESTS += $(top_srcdir)/tests/container/network-user-pasta $(top_srcdir)/tests/container/network-private-pasta $(top_srcdir)/tests/container/network-helper
REAL_TESTS += $(top_srcdir)/tests/container/monitor $(top_srcdir)/tests/container/monitor-user
REAL_TESTS += $(top_srcdir)/tests/container/starting $(top_srcdir)/tests/container/starting-user
REAL_TESTS += $(top_srcdir)/tests/container/streams $(top_srcdir)/tests/container/streams-user
REAL_TESTS += $(top_srcdir)/tests/container/check $(top_srcdir)/tests/container/check-user $(top_srcdir)/tests/container/upgrade $(top_srcdir)/tests/container/upgrade-user
REAL_TESTS += $(top_srcdir)/tests/container/host-image $(top_srcdir)/tests/container/host-image-user $(top_srcdir)/tests/container/network $(top_srcdir)/tests/container/network-several $(top_srcdir)/tests/container/network-screen $(top_srcdir)/tests/container/network-verbs $(top_srcdir)/tests/container/network-ipv6 $(top_srcdir)/tests/container/network-private $(top_srcdir)/tests/container/network-files $(top_srcdir)/tests/container/network-files-user $(top_srcdir)/tests/container/network-default $(top_srcdir)/tests/container/network-default-user $(top_srcdir)/tests/container/full $(top_srcdir)/tests/container/statuses $(top_srcdir)/tests/container/statuses-user
REAL_TESTS += $(top_srcdir)/tests/container/network-libvirt $(top_srcdir)/tests/container/network-sweep $(top_srcdir)/tests/container/network-guest $(top_srcdir)/tests/guest/networks
REAL_TESTS += $(top_srcdir)/tests/container/network-heals $(top_srcdir)/tests/container/network-locks $(top_srcdir)/tests/container/network-attacks $(top_srcdir)/tests/container/network-at-once $(top_srcdir)/tests/container/network-faults
REAL_TESTS += $(top_srcdir)/tests/container/subids $(top_srcdir)/tests/container/awkward $(top_srcdir)/tests/container/awkward-user
REAL_TESTS += $(top_srcdir)/tests/container/userns $(top_srcdir)/tests/container/criu
REAL_TESTS += $(top_srcdir)/tests/container/options $(top_srcdir)/tests/container/options-user $(top_srcdir)/tests/container/health $(top_srcdir)/tests/container/health-user $(top_srcdir)/tests/cli/from-docker $(top_srcdir)/tests/container/after-boot $(top_srcdir)/tests/container/after-boot-user
LONG_TESTS += $(top_srcdir)/tests/container/chaos-long $(top_srcdir)/tests/container/network-faults-long $(top_srcdir)/tests/container/volumes-long
EXTRA_DIST += src/bunk/COPYING.LIB
bin_PROGRAMS += hostel
REAL_TESTS += $(top_srcdir)/tests/cli/verbs $(top_srcdir)/tests/cli/no-libvirt $(top_srcdir)/tests/cli/libraries $(top_srcdir)/tests/lint/man-hostel
hostel_SOURCES = src/bin/hostel.c
hostel_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
hostel_LDADD = libapp.a libcli.a $(UI_LIBS) $(CLIENT_LIBS) $(AGENT_LIBS)

# what bash completes, made by the program itself; a build for another machine goes without
bashcompletiondir = $(datadir)/bash-completion/completions
nodist_bashcompletion_DATA = completion/hostel
CLEANFILES += completion/hostel
completion/hostel: hostel$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completion && { test "$(host_alias)" != "$(build_alias)" || ./hostel$(EXEEXT) completion bash; } >$@

libexec_PROGRAMS += hostel-monitor
hostel_monitor_SOURCES = src/bin/hostel-monitor.c
hostel_monitor_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
hostel_monitor_LDFLAGS = $(AM_LDFLAGS) $(STATIC_LDFLAGS)
hostel_monitor_LDADD = $(MONITOR_LIBS)

# user namespaces for bunk where AppArmor forbids them to programs without a profile
EXTRA_DIST += src/bin/apparmor.in
if APPARMOR
nodist_apparmor_DATA = apparmor/hostel
endif
CLEANFILES += apparmor/hostel
apparmor/hostel: src/bin/apparmor.in
	$(AM_V_GEN)$(MKDIR_P) apparmor && sed 's,[@]bindir[@],$(bindir),; s,[@]libexecdir[@],$(libexecdir),' $(srcdir)/src/bin/apparmor.in >$@

# containers that run after a boot: a service of the system and one of each user, enabled by nobody
EXTRA_DIST += src/bin/systemd/hostel.service.in
systemdsystemdir = $(prefix)/lib/systemd/system
systemduserdir = $(prefix)/lib/systemd/user
nodist_systemdsystem_DATA = systemd/system/hostel.service
nodist_systemduser_DATA = systemd/user/hostel.service
CLEANFILES += systemd/system/hostel.service systemd/user/hostel.service
systemd/system/hostel.service: src/bin/systemd/hostel.service.in
	$(AM_V_GEN)$(MKDIR_P) systemd/system && sed 's,[@]bindir[@],$(bindir),; s,[@]target[@],multi-user.target,' $(srcdir)/src/bin/systemd/hostel.service.in >$@
systemd/user/hostel.service: src/bin/systemd/hostel.service.in
	$(AM_V_GEN)$(MKDIR_P) systemd/user && sed 's,[@]bindir[@],$(bindir),; s,[@]target[@],default.target,; /network-online/d' $(srcdir)/src/bin/systemd/hostel.service.in >$@
