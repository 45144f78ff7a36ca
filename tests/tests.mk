# How the tests are run. A layer's own tests are listed in src/LAYER/layer.mk:
#   UNIT_TESTS    programs that need nothing; they also run under the address and undefined-behaviour sanitizers
#   SANITIZED_TESTS  scripts that run under the address and undefined-behaviour sanitizers too, because of what they run
#   THREAD_TESTS  the ones of them that also run under the thread sanitizer
#   REAL_TESTS    programs and scripts that need real kernels, libvirt, terminals; they skip with a reason
#   SLOW_TESTS    of the same kind, but they take a minute or more: they start first, so that no processor idles at the end
# Each speaks TAP on its standard output (cmocka does, tests/run asks for it).

REAL_TESTS += $(top_srcdir)/tests/lint/configure $(top_srcdir)/tests/lint/hardening $(top_srcdir)/tests/lint/apparmor $(top_srcdir)/tests/lint/security $(top_srcdir)/tests/lint/docs $(top_srcdir)/tests/lint/params $(top_srcdir)/tests/lint/style $(top_srcdir)/tests/lint/tests $(top_srcdir)/tests/lint/words $(top_srcdir)/tests/lint/screens $(top_srcdir)/tests/cli/bootstrap $(top_srcdir)/tests/cli/run $(top_srcdir)/tests/cli/readme $(top_srcdir)/tests/cli/locale
SLOW_TESTS += $(top_srcdir)/tests/vm/containers $(top_srcdir)/tests/vm/peers
LONG_TESTS += $(top_srcdir)/tests/vm/containers-long $(top_srcdir)/tests/vm/spec-long $(top_srcdir)/tests/vm/long
REAL_TESTS += $(top_srcdir)/tests/peer/podman $(top_srcdir)/tests/peer/podman-user $(top_srcdir)/tests/peer/podman-images $(top_srcdir)/tests/peer/containerd $(top_srcdir)/tests/peer/buildah

# tests/attack: a runtime that falls for every attack, and the attacker, which runs in any root
check_PROGRAMS += naive attack
naive_SOURCES = tests/attack/naive.c
naive_LDFLAGS = $(AM_LDFLAGS) $(STATIC_LDFLAGS)
attack_SOURCES = tests/attack/attack.c
attack_LDFLAGS = $(AM_LDFLAGS) $(STATIC_LDFLAGS)
SLOW_TESTS += $(top_srcdir)/tests/attack/attacks-user $(top_srcdir)/tests/attack/attacks
# after them, since few machines should run at once
SLOW_TESTS += $(top_srcdir)/tests/vm/spec $(top_srcdir)/tests/vm/labels

# tests/fuzz: everything that reads what others wrote; a short run here, ten million configurations in check-long
REAL_TESTS += $(top_srcdir)/tests/fuzz/fuzz
LONG_TESTS += $(top_srcdir)/tests/fuzz/fuzz-long

# the runtime under valgrind, and as root and as a user under the address and undefined-behaviour sanitizers
LONG_TESTS += $(top_srcdir)/tests/container/valgrind
SANITIZED_TESTS += $(top_srcdir)/tests/container/bunk $(top_srcdir)/tests/container/bunk-user

.PHONY: check-programs unit-programs thread-programs check-unit check-thread check-real check-long bench
# one after the other: "all" is a make of its own, and two must not make the same archive
check-programs: all
	$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS)

unit-programs: all
	$(MAKE) $(AM_MAKEFLAGS) $(UNIT_TESTS)

# the engine for containers looks for its programs
thread-programs: bunk hostel-monitor $(THREAD_TESTS)

check-local: check-programs
	$(srcdir)/tests/run $(SLOW_TESTS) $(UNIT_TESTS) $(REAL_TESTS)

check-unit: unit-programs
	$(srcdir)/tests/run $(UNIT_TESTS) $(SANITIZED_TESTS)

check-thread: thread-programs
	$(srcdir)/tests/run $(THREAD_TESTS)

check-real: check-programs
	$(srcdir)/tests/run $(SLOW_TESTS) $(REAL_TESTS)

check-long: check-programs
	TEST_TIMEOUT=36000 $(srcdir)/tests/run $(LONG_TESTS)

# tests/screen: keys in, cells out. A test of the dashboard is in src/app/layer.mk, of the terminal in src/ui/layer.mk
if HAVE_VTERM
check_LIBRARIES = libscreen.a
libscreen_a_SOURCES = tests/screen/harness.c tests/screen/harness.h
libscreen_a_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS)
check_PROGRAMS += shot
shot_SOURCES = tests/screen/shot.c tests/screen/svg.c tests/screen/svg_glyph.c tests/screen/svg.h
shot_LDADD = $(SCREEN_LIBS)
endif

# draws the pictures of doc/screens again, after a change of what they show
.PHONY: screens
screens: all
	$(MAKE) $(AM_MAKEFLAGS) shot
	TEST_BUILD=$(abs_top_builddir) $(srcdir)/tests/screen/screens $(srcdir)/doc/screens
SCREEN_LIBS = libscreen.a $(UI_LIBS) $(VTERM_LIBS) -lutil
