# wire: the lines between agent and client, their limits and names
noinst_LIBRARIES += libwire.a
libwire_a_SOURCES = \
	src/wire/wants.c src/wire/wire.c include/wire/wire.h \
	src/wire/handover.c include/wire/handover.h
libwire_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
WIRE_LIBS = libwire.a $(SYS_LIBS) $(MODEL_LIBS)

UNIT_TESTS += test_wire
if HAVE_CMOCKA
check_PROGRAMS += test_wire
endif
test_wire_SOURCES = tests/unit/test_wire.c
test_wire_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_wire_LDADD = $(WIRE_LIBS) $(CMOCKA_LIBS)
