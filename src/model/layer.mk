# model: kinds, items, ring, sample, workload, inventory, query, posture, verbs
noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/address.c include/model/address.h \
	src/model/address6.c include/model/address6.h \
	src/model/fact.c src/model/fact_set.c src/model/fact_value.c include/model/fact.h \
	src/model/fields.c include/model/fields.h \
	src/model/definition.c include/model/definition.h \
	src/model/finding.c include/model/finding.h \
	src/model/id.c include/model/id.h \
	src/model/device.c include/model/device.h \
	src/model/image.c include/model/image.h \
	src/model/item.c src/model/state.c include/model/item.h \
	src/model/kind.c src/model/kinds.c include/model/bucket.h include/model/kind.h include/model/kind_rows.h \
	src/model/network.c include/model/network.h \
	src/model/shared_network.c include/model/shared_network.h \
	src/model/inventory.c include/model/inventory.h \
	src/model/measures.c include/model/measures.h \
	src/model/name.c include/model/name.h \
	src/model/ports.c include/model/ports.h \
	src/model/posture.c include/model/posture.h \
	src/model/problem.c include/model/problem.h \
	src/model/query.c include/model/query.h \
	include/model/param.h \
	src/model/ring.c include/model/ring.h \
	src/model/sample.c include/model/sample.h \
	src/model/stream.c include/model/stream.h \
	src/model/subscription.c include/model/subscription.h \
	src/model/verb_help.c include/model/verb_help.h \
	src/model/verb.c src/model/verb_check.c src/model/recipes.c src/model/verb_loses.c src/model/verb_undo.c \
	src/model/verb_tables.h include/model/verb.h include/model/verb_rows.h \
	src/model/volume.c include/model/volume.h \
	src/model/workload.c src/model/workload_facts.c src/model/workload_item.c include/model/workload.h \
	src/model/job.c include/model/job.h
libmodel_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
MODEL_LIBS = libmodel.a $(BASE_LIBS) $(JANSSON_LIBS)

MODEL_TESTS = test_model_definition test_model_history test_model_id test_model_item test_model_name test_model_query test_model_workload
UNIT_TESTS += $(MODEL_TESTS)
if HAVE_CMOCKA
check_PROGRAMS += $(MODEL_TESTS)
endif
test_model_definition_SOURCES = tests/unit/test_model_definition.c
test_model_definition_LDADD = $(MODEL_LIBS) $(CMOCKA_LIBS)
test_model_history_SOURCES = tests/unit/test_model_history.c
test_model_history_LDADD = $(MODEL_LIBS) $(CMOCKA_LIBS)
test_model_id_SOURCES = tests/unit/test_model_id.c
test_model_id_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_model_id_LDADD = $(MODEL_LIBS) $(CMOCKA_LIBS)
test_model_item_SOURCES = tests/unit/test_model_item.c
test_model_item_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_model_item_LDADD = $(MODEL_LIBS) $(CMOCKA_LIBS)
test_model_name_SOURCES = tests/unit/test_model_name.c
test_model_name_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_model_name_LDADD = $(MODEL_LIBS) $(CMOCKA_LIBS)
test_model_query_SOURCES = tests/unit/test_model_query.c
test_model_query_LDADD = $(MODEL_LIBS) $(CMOCKA_LIBS)
test_model_workload_SOURCES = tests/unit/test_model_workload.c
test_model_workload_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_model_workload_LDADD = $(MODEL_LIBS) $(CMOCKA_LIBS)
