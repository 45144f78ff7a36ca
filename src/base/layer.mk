# base: errors, memory, strings, units, clocks, configuration grammar, command lines
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/clock.c include/base/clock.h \
	src/base/conf.c include/base/conf.h \
	src/base/date.c src/base/date_local.c include/base/date.h \
	src/base/diff.c include/base/diff.h \
	src/base/err.c include/base/err.h \
	src/base/fold.c include/base/fold.h \
	src/base/mem.c include/base/mem.h \
	src/base/opts.c include/base/opts.h \
	src/base/str.c src/base/str_lists.c src/base/str_shown.c include/base/str.h \
	src/base/units.c include/base/units.h
libbase_a_CFLAGS = $(AM_CFLAGS) $(INIH_CFLAGS)
BASE_LIBS = libbase.a $(INIH_LIBS) -lm

BASE_TESTS = test_base_clock test_base_conf test_base_date test_base_diff test_base_str test_base_units
UNIT_TESTS += $(BASE_TESTS)
if HAVE_CMOCKA
check_PROGRAMS += $(BASE_TESTS)
endif
test_base_clock_SOURCES = tests/unit/test_base_clock.c
test_base_clock_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
test_base_conf_SOURCES = tests/unit/test_base_conf.c tests/unit/test.h
test_base_conf_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
test_base_date_SOURCES = tests/unit/test_base_date.c
test_base_date_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
test_base_diff_SOURCES = tests/unit/test_base_diff.c
test_base_diff_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
test_base_str_SOURCES = tests/unit/test_base_str.c
test_base_str_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
test_base_units_SOURCES = tests/unit/test_base_units.c
test_base_units_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
