# guest: the only code that knows libvirt
noinst_LIBRARIES += libguest.a
libguest_a_SOURCES = \
	src/guest/act.c src/guest/connection.c src/guest/console.c src/guest/create.c src/guest/errand.c src/guest/error.c \
	src/guest/guests.c src/guest/loop.c src/guest/measure.c src/guest/process.c src/guest/read.c src/guest/state.c \
	src/guest/stats.c src/guest/storage.c src/guest/stream.c include/guest/guests.h src/guest/parts.h \
	src/guest/caps.c src/guest/xpath.c \
	src/guest/domain_xml.c include/guest/domain_xml.h \
	src/guest/facts.c include/guest/facts.h
libguest_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(LIBVIRT_CFLAGS) $(XML_CFLAGS)
GUEST_LIBS = libguest.a $(SYS_LIBS) $(MODEL_LIBS) $(LIBVIRT_LIBS) $(XML_LIBS) -lpthread
