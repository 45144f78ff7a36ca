# ui: canvas, graphs, themes, keys, the terminal, and widgets that know no workload
noinst_LIBRARIES += libui.a
libui_a_SOURCES = \
	include/ui/effect.h \
	src/ui/drawing/canvas.c include/ui/canvas.h \
	src/ui/drawing/colour.c \
	src/ui/drawing/graph.c include/ui/graph.h \
	src/ui/drawing/theme.c include/ui/theme.h src/ui/drawing/theme_text.h \
	src/ui/keys/csi.c src/ui/keys/csi.h \
	src/ui/keys/decode.c \
	src/ui/keys/key.c include/ui/key.h \
	src/ui/keys/keymap.c include/ui/keymap.h \
	src/ui/keys/reply.c src/ui/keys/reply.h \
	src/ui/terminal/builtin.c src/ui/terminal/builtin.h \
	src/ui/terminal/database.c src/ui/terminal/database.h \
	src/ui/terminal/clipboard.c \
	src/ui/terminal/frame.c \
	src/ui/terminal/ground.c src/ui/terminal/ground.h \
	src/ui/terminal/guard.c src/ui/terminal/guard.h \
	src/ui/terminal/input.c \
	src/ui/terminal/output.c \
	src/ui/terminal/curses_screen.c src/ui/terminal/curses_screen.h src/ui/terminal/curses_state.h \
	src/ui/terminal/sgr.c src/ui/terminal/sgr.h \
	src/ui/terminal/term.c src/ui/terminal/state.h include/ui/term.h \
	src/ui/widgets/dialog.c include/ui/dialog.h \
	src/ui/widgets/field.c include/ui/field.h \
	src/ui/widgets/form.c src/ui/widgets/form_draw.c include/ui/form.h \
	src/ui/widgets/form_state.c src/ui/widgets/form_state.h \
	src/ui/widgets/lines.c src/ui/widgets/lines.h \
	src/ui/widgets/menu.c include/ui/menu.h \
	src/ui/widgets/pager.c include/ui/pager.h \
	src/ui/widgets/table.c include/ui/table.h
nodist_libui_a_SOURCES = src/ui/drawing/theme_text.c
libui_a_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
UI_LIBS = libui.a libbase.a $(NCURSES_LIBS) $(INIH_LIBS) -lm

THEMES = \
	themes/colour-blind.theme themes/dark.theme themes/gruvbox.theme themes/high-contrast.theme themes/light.theme \
	themes/mono.theme themes/nord.theme themes/solarized-dark.theme themes/solarized-light.theme themes/terminal.theme
themesdir = $(pkgdatadir)/themes
dist_themes_DATA = $(THEMES)

# the default theme is the shipped file, compiled in and read by the reader of all themes
src/ui/drawing/theme_text.c: themes/dark.theme src/ui/layer.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { echo 'extern const char theme_default_text[];'; echo 'const char theme_default_text[] ='; \
		sed -e 's/[\\"]/\\&/g' -e 's/.*/	"&\\n"/' $(srcdir)/themes/dark.theme; echo '	;'; } >$@.new && mv $@.new $@
CLEANFILES += src/ui/drawing/theme_text.c

UI_TESTS = test_ui_canvas test_ui_field test_ui_graph test_ui_key test_ui_pager test_ui_sgr test_ui_table test_ui_theme
UNIT_TESTS += $(UI_TESTS)
if HAVE_CMOCKA
check_PROGRAMS += $(UI_TESTS)
endif
test_ui_canvas_SOURCES = tests/unit/test_ui_canvas.c tests/unit/ui.h
test_ui_canvas_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
test_ui_graph_SOURCES = tests/unit/test_ui_graph.c
test_ui_graph_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
test_ui_key_SOURCES = tests/unit/test_ui_key.c
test_ui_key_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
test_ui_field_SOURCES = tests/unit/test_ui_field.c
test_ui_field_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
test_ui_pager_SOURCES = tests/unit/test_ui_pager.c
test_ui_pager_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
test_ui_table_SOURCES = tests/unit/test_ui_table.c
test_ui_table_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
test_ui_theme_SOURCES = tests/unit/test_ui_theme.c
test_ui_theme_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

# the terminal on an emulator
if HAVE_CMOCKA
if HAVE_VTERM
UNIT_TESTS += test_ui_term
check_PROGRAMS += test_ui_term
endif
endif
test_ui_term_SOURCES = tests/screen/test_ui_term.c
test_ui_term_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
test_ui_sgr_SOURCES = tests/unit/test_ui_sgr.c
test_ui_sgr_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
