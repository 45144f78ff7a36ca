# engine: one small table of functions per engine, and a fake one
noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	src/engine/engine.c include/engine/engine.h include/engine/registry.h
libengine_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
ENGINE_LIBS = libengine.a libsys.a $(MODEL_LIBS) -lpthread
