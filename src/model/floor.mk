# model: ring, sample, workload, inventory, query, posture, verbs, recipes
noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/inventory.c include/model/inventory.h \
	src/model/posture.c include/model/posture.h \
	src/model/query.c include/model/query.h \
	src/model/recipe.c include/model/recipe.h \
	src/model/ring.c include/model/ring.h \
	src/model/sample.c include/model/sample.h \
	src/model/verb.c include/model/verb.h \
	src/model/workload.c include/model/workload.h \
	include/model/job.h
libmodel_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
MODEL_LIBS = libmodel.a $(BASE_LIBS) $(JANSSON_LIBS)
