# app: views, actions, columns, help: the dashboard
noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	src/app/act.c \
	src/app/actions.c src/app/actions_list.c src/app/actions_view.c src/app/actions.h \
	src/app/app.c include/app/app.h src/app/parts.h \
	src/app/clipboard.c \
	src/app/columns.c src/app/columns.h \
	src/app/command.c \
	src/app/create.c \
	src/app/facts.c \
	src/app/follow.c src/app/follow.h \
	src/app/host.c src/app/host.h \
	src/app/input.c \
	src/app/jobs.c src/app/jobs.h \
	src/app/journal.c src/app/journal.h \
	src/app/linear.c \
	src/app/news.c \
	src/app/list.c src/app/list.h \
	src/app/overlay.c src/app/overlay.h \
	src/app/pane.c src/app/pane_text.c src/app/pane.h \
	src/app/rows.c src/app/rows.h \
	src/app/run.c \
	src/app/screen.c src/app/layout.h \
	src/app/selection.c \
	src/app/settings.c src/app/settings.h src/app/settings_text.h \
	src/app/state.c \
	src/app/setup.c \
	src/app/theming.c src/app/theming.h
nodist_libapp_a_SOURCES = src/app/settings_text.c
libapp_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
APP_LIBS = libapp.a $(UI_LIBS) $(CLIENT_LIBS)

# the defaults are a file in the user's own grammar, compiled in
dist_pkgdata_DATA = src/app/hostel.conf
presetsdir = $(pkgdatadir)/presets
dist_presets_DATA = src/app/presets/htop.conf src/app/presets/k9s.conf src/app/presets/lazydocker.conf src/app/presets/vim.conf
src/app/settings_text.c: src/app/hostel.conf src/app/layer.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { echo 'extern const char settings_default_text[];'; echo 'const char settings_default_text[] ='; \
		sed -e 's/[\\"]/\\&/g' -e 's/.*/	"&\\n"/' $(srcdir)/src/app/hostel.conf; echo '	;'; } >$@.new && mv $@.new $@
CLEANFILES += src/app/settings_text.c

REAL_TESTS += $(top_srcdir)/tests/screen/monkey $(top_srcdir)/tests/cli/linear $(top_srcdir)/tests/cli/config
SANITIZED_TESTS += $(top_srcdir)/tests/screen/monkey $(top_srcdir)/tests/cli/linear
# the dashboard on a terminal emulator: these run build/hostel
SCREEN_TESTS = test_dashboard_acts test_dashboard_list test_dashboard_terms
if HAVE_CMOCKA
if HAVE_VTERM
UNIT_TESTS += $(SCREEN_TESTS)
REAL_TESTS += test_dashboard_real
check_PROGRAMS += $(SCREEN_TESTS) test_dashboard_real
endif
endif
test_dashboard_list_SOURCES = tests/screen/test_dashboard_list.c tests/screen/dashboard.h
test_dashboard_list_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_acts_SOURCES = tests/screen/test_dashboard_acts.c
test_dashboard_acts_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_terms_SOURCES = tests/screen/test_dashboard_terms.c
test_dashboard_terms_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_real_SOURCES = tests/screen/test_dashboard_real.c
test_dashboard_real_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
