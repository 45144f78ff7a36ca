# tests/bench: what `make bench` measures with; none of it is installed
bench_programs = bench-floor bench-race bench-true bench-idle bench-filter bench-tick
EXTRA_PROGRAMS += $(bench_programs)
# tests/container/calls runs these, too
check_PROGRAMS += bench-true bench-idle
CLEANFILES += $(bench_programs) bench-floor-musl
bench_floor_SOURCES = tests/bench/floor.c
bench_floor_LDFLAGS = -static
bench_race_SOURCES = tests/bench/race.c
bench_race_LDFLAGS = -static
# without a C library: what is measured is not the container's program
bench_true_SOURCES = tests/bench/true.c
bench_true_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -O2 -fno-stack-protector
bench_true_LDFLAGS = -static -nostdlib
bench_idle_SOURCES = tests/bench/idle.c
bench_idle_CFLAGS = $(bench_true_CFLAGS)
bench_idle_LDFLAGS = $(bench_true_LDFLAGS)
bench_filter_SOURCES = tests/bench/filter.c
bench_filter_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
bench_filter_LDADD = $(BUNK_LIBS)
bench_tick_SOURCES = tests/bench/tick.c
bench_tick_LDADD = $(SYS_LIBS) libbase.a

# the same floor over musl, where musl-gcc is installed: what the C library's own start costs
bench-floor-musl: tests/bench/floor.c
	$(AM_V_CC)if command -v musl-gcc >/dev/null; then musl-gcc -D_GNU_SOURCE -O2 -static -idirafter /usr/include -idirafter /usr/include/$$($(CC) -print-multiarch) \
		-o $@ $(srcdir)/tests/bench/floor.c; fi

bench: all $(bench_programs) bench-floor-musl
	TEST_SOURCE=$(abs_top_srcdir) TEST_BUILD=$(abs_top_builddir) $(srcdir)/tests/bench/bench $(BENCH)
