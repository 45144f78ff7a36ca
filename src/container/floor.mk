# container: store, images, layers, bundles, logs, the engine's side of containers
noinst_LIBRARIES += libcontainer.a
libcontainer_a_SOURCES = \
	src/container/account.c include/container/account.h \
	src/container/bundle.c include/container/bundle.h \
	src/container/image.c include/container/image.h \
	src/container/layer.c \
	src/container/log.c include/container/log.h \
	src/container/oci.c \
	src/container/record.c include/container/record.h \
	src/container/seccomp_profile.c \
	src/container/store.c include/container/store.h
libcontainer_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(ARCHIVE_CFLAGS) $(CRYPTO_CFLAGS)
CONTAINER_LIBS = libcontainer.a $(SYS_LIBS) $(MODEL_LIBS) $(ARCHIVE_LIBS) $(CRYPTO_LIBS)
