# bunk: the OCI runtime as a library
noinst_LIBRARIES += libbunk.a
libbunk_a_SOURCES = \
	src/bunk/caps.c include/bunk/caps.h \
	src/bunk/parse.c include/bunk/config.h \
	src/bunk/plan.c include/bunk/plan.h \
	src/bunk/reader.c include/bunk/reader.h \
	src/bunk/rootfs.c include/bunk/container.h include/bunk/bunk.h \
	src/bunk/seccomp.c include/bunk/filter.h
libbunk_a_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS) $(CAP_CFLAGS) $(JANSSON_CFLAGS)
BUNK_LIBS = libbunk.a $(SYS_LIBS) libbase.a $(SECCOMP_LIBS) $(CAP_LIBS) $(JANSSON_LIBS)
