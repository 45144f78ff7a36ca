# app: views, actions, columns, help: the dashboard
noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	include/app/app.h \
	src/app/actions/actions.c src/app/actions/actions.h \
	src/app/actions/choices.c src/app/actions/choices.h \
	src/app/actions/clipboard.c src/app/actions/clipboard.h \
	src/app/actions/command.c src/app/actions/command.h \
	src/app/actions/create.c src/app/actions/create.h \
	src/app/actions/delete.c src/app/actions/delete.h \
	src/app/actions/display.c src/app/actions/display.h \
	src/app/actions/fields_collect.c \
	src/app/actions/fields_form.c src/app/actions/fields_form.h \
	src/app/actions/foreground.c src/app/actions/foreground.h \
	src/app/actions/guest_shell.c src/app/actions/guest_shell.h \
	src/app/actions/intent.c src/app/actions/intent.h \
	src/app/actions/item.c src/app/actions/item.h \
	src/app/actions/list_keys.c src/app/actions/list_keys.h \
	src/app/actions/own.c src/app/actions/own.h \
	src/app/actions/port.c src/app/actions/port.h \
	src/app/actions/recipe.c src/app/actions/recipe.h \
	src/app/actions/setup.c src/app/actions/setup.h \
	src/app/actions/stream.c src/app/actions/stream.h \
	src/app/actions/view.c src/app/actions/view.h \
	src/app/actions/viewer.c src/app/actions/viewer.h \
	src/app/actions/workload.c src/app/actions/workload.h \
	src/app/columns/columns.c src/app/columns/columns.h \
	src/app/frame/frame.c \
	src/app/frame/input.c src/app/frame/input.h \
	src/app/frame/link_events.c src/app/frame/link_events.h \
	src/app/frame/wants.c src/app/frame/wants.h \
	src/app/jobs/command_line.c src/app/jobs/command_line.h \
	src/app/jobs/jobs.c src/app/jobs/jobs.h \
	src/app/jobs/refused.c src/app/jobs/refused.h \
	src/app/know/alerts.c src/app/know/alerts.h \
	src/app/know/app.h \
	src/app/know/host.c src/app/know/host.h \
	src/app/know/journal.c src/app/know/journal.h \
	src/app/know/machine.c src/app/know/machine.h \
	src/app/know/rows.c src/app/know/rows.h \
	src/app/know/selection.c \
	src/app/know/settings.h \
	src/app/know/state.c \
	src/app/linear/linear.c src/app/linear/linear.h \
	src/app/list/list.c src/app/list/list.h \
	src/app/overlay/overlay.c src/app/overlay/overlay.h \
	src/app/pane/draw.c \
	src/app/pane/facts.c src/app/pane/facts.h \
	src/app/pane/follow.c src/app/pane/follow.h \
	src/app/pane/heading.c src/app/pane/heading.h \
	src/app/pane/members.c src/app/pane/members.h \
	src/app/pane/overview.c src/app/pane/overview.h \
	src/app/pane/pane.c src/app/pane/pane.h \
	src/app/pane/reading.c src/app/pane/reading.h \
	src/app/pane/tabs.c src/app/pane/tabs.h \
	src/app/pane/text.c src/app/pane/text.h \
	src/app/screen/cpu_meters.c src/app/screen/cpu_meters.h \
	src/app/screen/header.c src/app/screen/header.h \
	src/app/screen/host_panels.c src/app/screen/host_panels.h \
	src/app/screen/key_line.c src/app/screen/key_line.h \
	src/app/screen/layout.h \
	src/app/screen/screen.c src/app/screen/screen.h \
	src/app/screen/views.c src/app/screen/views.h \
	src/app/screen/welcome.c src/app/screen/welcome.h \
	src/app/settings/own_commands.c src/app/settings/own_commands.h \
	src/app/settings/save.c src/app/settings/save.h \
	src/app/settings/settings.c src/app/settings/settings.h \
	src/app/settings/settings_text.h \
	src/app/settings/theming.c src/app/settings/theming.h
nodist_libapp_a_SOURCES = src/app/settings/settings_text.c
libapp_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
APP_LIBS = libapp.a $(UI_LIBS) $(CLIENT_LIBS)

# the defaults are a file in the user's own grammar, compiled in
dist_pkgdata_DATA = src/app/hostel.conf
presetsdir = $(pkgdatadir)/presets
dist_presets_DATA = src/app/presets/htop.conf src/app/presets/k9s.conf src/app/presets/lazydocker.conf src/app/presets/vim.conf
src/app/settings/settings_text.c: src/app/hostel.conf src/app/layer.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { echo 'extern const char settings_default_text[];'; echo 'const char settings_default_text[] ='; \
		sed -e 's/[\\"]/\\&/g' -e 's/.*/	"&\\n"/' $(srcdir)/src/app/hostel.conf; echo '	;'; } >$@.new && mv $@.new $@
CLEANFILES += src/app/settings/settings_text.c

UNIT_TESTS += test_app_tables
if HAVE_CMOCKA
check_PROGRAMS += test_app_tables
endif
test_app_tables_SOURCES = tests/unit/test_app_tables.c
test_app_tables_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
test_app_tables_LDADD = libcli.a $(APP_LIBS) $(AGENT_LIBS) $(CMOCKA_LIBS)

# what the panels show, in exact figures, for tests/container/split
check_PROGRAMS += split-host
split_host_SOURCES = tests/container/split.c
split_host_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
split_host_LDADD = libcli.a $(APP_LIBS) $(AGENT_LIBS)
REAL_TESTS += $(top_srcdir)/tests/container/split

REAL_TESTS += $(top_srcdir)/tests/screen/monkey $(top_srcdir)/tests/cli/linear $(top_srcdir)/tests/cli/config
SANITIZED_TESTS += $(top_srcdir)/tests/screen/monkey $(top_srcdir)/tests/cli/linear
# the dashboard on a terminal emulator: these run build/hostel
SCREEN_TESTS = test_dashboard_guests test_dashboard_acts test_dashboard_forms test_dashboard_list test_dashboard_terms test_dashboard_texts
if HAVE_CMOCKA
if HAVE_VTERM
UNIT_TESTS += $(SCREEN_TESTS)
REAL_TESTS += test_dashboard_real
check_PROGRAMS += $(SCREEN_TESTS) test_dashboard_real
endif
endif
test_dashboard_list_SOURCES = tests/screen/test_dashboard_list.c tests/screen/dashboard.h
test_dashboard_list_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_guests_SOURCES = tests/screen/test_dashboard_guests.c
test_dashboard_guests_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_acts_SOURCES = tests/screen/test_dashboard_acts.c
test_dashboard_acts_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_forms_SOURCES = tests/screen/test_dashboard_forms.c
test_dashboard_forms_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_texts_SOURCES = tests/screen/test_dashboard_texts.c
test_dashboard_texts_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_terms_SOURCES = tests/screen/test_dashboard_terms.c
test_dashboard_terms_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_dashboard_real_SOURCES = tests/screen/test_dashboard_real.c
test_dashboard_real_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
