// app: every row of the dashboard's tables is complete, and is documented where hostel(1) has a table of them.
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/verb.h"
#include "ui/keymap.h"
#include "ui/table.h"

#include "app/actions/actions.h"
#include "app/actions/command.h"
#include "app/actions/fields_form.h"
#include "app/columns/columns.h"
#include "app/jobs/command_line.h"
#include "app/jobs/refused.h"
#include "app/know/app.h"
#include "app/know/host.h"
#include "app/know/machine.h"
#include "app/know/rows.h"
#include "app/list/list.h"
#include "app/pane/pane.h"
#include "app/pane/reading.h"
#include "app/pane/tabs.h"
#include "app/settings/save.h"
#include "app/settings/settings.h"

// Whether TEXT is there, is not empty, and has no line break: it is shown in one line.
static bool is_line(const char *text)
{
	return text && *text && !strchr(text, '\n');
}

// A help text: an imperative in lower case without a full stop.
static bool is_help(const char *text)
{
	return is_line(text) && text[strlen(text) - 1] != '.';
}

static int action_find(const char *name)
{
	for (size_t i = 0; i < action_count; i++)
		if (strcmp(actions[i].name, name) == 0)
			return (int)i;
	return -1;
}

static void each_action_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = &actions[i];

		if (!is_line(a->name) || !is_line(a->keys) || !is_line(a->label) || !is_help(a->help) || !is_line(a->group) ||
		    !(a->run || a->flags & ACTION_VERB))
			fail_msg("action %zu (%s) lacks its name, keys, label, help, group or function", i,
			         a->name ? a->name : "");
		if (action_find(a->name) != (int)i)
			fail_msg("two actions are called '%s'", a->name);
		if (i && a->group != actions[i - 1].group)
			for (size_t before = 0; before < i; before++)
				if (a->group == actions[before].group)
					fail_msg("action '%s': its group '%s' is in two places", a->name, a->group);
	}
}

static void the_keys_of_actions_do_not_clash(void **state)
{
	auto_free struct keymap_row *rows = action_keymap_rows();
	struct err e = {0};
	auto_keymap *map = keymap_new(rows, action_count, &e);

	(void)state;
	if (!map)
		fail_msg("%s", e.text);
}

static void the_key_line_has_one_action_per_place(void **state)
{
	size_t ranked = 0;
	int rank = 1;

	(void)state;
	for (size_t i = 0; i < action_count; i++)
		ranked += actions[i].rank > 0;
	while (action_ranked(rank) >= 0)
		rank++;
	assert_true(action_ranked(RANK_LAST) >= 0);
	assert_int_equal(ranked, rank); // those from 1 on, and the last
}

static void each_action_is_in_the_help_of_keys(void **state)
{
	auto_str keys = {0};

	(void)state;
	app_keys(&keys);
	for (size_t i = 0; i < action_count; i++) {
		auto_free char *cells = mem_printf("%-16s %s", actions[i].name, actions[i].help);

		if (!strstr(str_text(&keys), cells))
			fail_msg("action '%s' is not in app_keys()", actions[i].name);
	}
}

// A dashboard that knows one container, which is selected.
static void app_with_a_container(struct app *app, const struct app_options *options, struct list *list)
{
	struct workload w = {
	    .id = (char *)"local/bunk/web", .name = (char *)"web", .state = STATE_RUNNING, .kind = KIND_CONTAINER};

	*app = (struct app){.options = options, .list = list};
	list_init(list, app);
	rows_put(&app->rows, machines_add(&app->machines, app), &w);
	app->rows_changed = true;
	list_settle(list, false);
	table_select(&list->table, w.id);
}

static void command_lines_are_the_verbs_of_actions(void **state)
{
	const struct app_options options = {0};
	struct list list;
	struct app app;

	(void)state;
	app_with_a_container(&app, &options, &list);
	for (size_t i = 0; i < action_count; i++) {
		auto_strv words = {0};

		auto_free char *line = action_line(&app, &actions[i]);

		if (!line)
			continue;
		strv_split(&words, line, " ");
		if (words.count < 3 || verb_find(words.items[1]) != (int)actions[i].verb || !strstr(line, " web"))
			fail_msg("action '%s': '%s' is not its verb on the workload", actions[i].name, line);
	}
	list_done(&list);
	rows_done(&app.rows);
	machines_done(&app.machines);
}

static void each_fact_and_column_is_complete(void **state)
{
	(void)state;
	for (enum fact fact = 0; fact < FACTS; fact++) {
		const struct fact_info *info = fact_info(fact);

		if (!is_line(info->name) || !is_help(info->help))
			fail_msg("fact %d (%s) lacks its name or help", fact, info->name ? info->name : "");
		if (fact_find(info->name, strlen(info->name)) != (int)fact ||
		    (info->alias && fact_find(info->alias, strlen(info->alias)) != (int)fact) ||
		    fact_find(fact_old_name(fact), strlen(fact_old_name(fact))) != (int)fact)
			fail_msg("another fact has a name of '%s'", info->name);
		if (strcspn(info->name, " ,<>=:!~") != strlen(info->name) || info->name[0] == '-')
			fail_msg("'%s' cannot be written in a filter or the configuration", info->name);
		bool bound = info->type == FACT_GRAPH;
		for (enum kind kind = 0; kind < KINDS; kind++)
			bound |= kind_bindings(kind)[fact].type != FIELD_NONE;
		if (!bound || (fact < FACT_COLUMNS && workload_facts[fact].type == FIELD_NONE && info->type != FACT_GRAPH))
			fail_msg("nothing has '%s'", info->name);
	}
	for (enum fact fact = 0; fact < FACT_COLUMNS; fact++) {
		struct table_column c = column_title(fact);

		if (!is_line(c.title) || text_width(c.title) > c.width || (c.widest && c.widest <= c.width))
			fail_msg("column '%s' has no title, is narrower than it, or cannot grow to its width",
			         fact_info(fact)->name);
	}
	assert_false(fact_info(FACT_NAME)->flags & FACT_HIDDEN);
}

static void each_command_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		if (!is_line(c->name) || !c->operands || !is_help(c->help) || !c->run)
			fail_msg("command %zu (%s) lacks its name, operands, help or function", i, c->name ? c->name : "");
		if (i && strcmp(commands[i - 1].name, c->name) >= 0)
			fail_msg("command '%s' is not in the order of the alphabet", c->name);
		if (c->offer && !*c->operands)
			fail_msg("command '%s' completes operands, but has none", c->name);
	}
}

static bool is_in(const struct strv *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

// What an engine does can be typed behind ':', and what has a key is what the table of verbs says.
static void each_verb_is_a_command(void **state)
{
	auto_strv names = {0};

	(void)state;
	command_names(&names);
	for (enum verb v = 0; v < VERBS; v++) {
		const struct verb_info *info = verb_info(v);
		int action = action_of_verb(v);

		if ((info->flags & ACTS || action >= 0) && !is_in(&names, info->name))
			fail_msg("there is no :%s", info->name);
		// in the menu of stop, in the form; of other items, and of all at once, all verbs are in one menu
		if (info->flags & (ACTS | CREATES) && !(info->flags & OF_KIND) && info->kinds & KIND_BIT_ANY && action < 0 && v != VERB_KILL && v != VERB_RUN)
			fail_msg("no action does '%s'", info->name);
	}
	for (size_t i = 0; i < names.count; i++)
		for (size_t before = 0; before < i; before++)
			assert_string_not_equal(names.items[i], names.items[before]);
}

static void each_tab_shows_something(void **state)
{
	(void)state;
	for (enum tab t = 0; t < TABS; t++) {
		const struct pane_tab *tab = &pane_tabs[t];

		if (!is_line(tab->name))
			fail_msg("tab %d has no name", (int)t);
		if (tab->draw ? tab->document >= 0 : tab->document < 0 && t != TAB_LOGS)
			fail_msg("tab '%s' needs a function or a document, and not both", tab->name);
		if (tab->again && tab->document < 0)
			fail_msg("tab '%s' reads nothing again", tab->name);
	}
	for (size_t i = 0; i < log_reach_count; i++)
		assert_true(is_help(log_reaches[i].label));
	assert_int_equal(log_reach_count, 7); // the keys 0 to 6, as PANE_SINCE_HELP says
}

static void each_view_has_a_key_and_each_grouping_a_letter(void **state)
{
	(void)state;
	unsigned seen = 0;
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		auto_free char *lower = mem_strdup(view_name(i)), *name = NULL;

		assert_true(is_line(view_name(i)));
		seen |= view_kind(i) >= 0 ? 1u << view_kind(i) : 0;
		if (!view_key(i)) // chosen in the list of kinds
			continue;
		lower[0] = (char)(lower[0] | 0x20);
		name = mem_printf("view-%s", lower);
		int index = action_find(name);
		if (index < 0 || actions[index].value != (int)i)
			fail_msg("no action '%s' shows view %zu", name, i);
		assert_int_equal(actions[index].keys[0], view_key(i));
	}
	assert_int_equal(seen, (1u << KINDS) - 1); // each kind has a view
	for (size_t i = 0; i < grouping_count; i++)
		for (size_t before = 0; before < i; before++)
			if (groupings[before].name[0] == groupings[i].name[0])
				fail_msg("the menu has one letter for '%s' and '%s'", groupings[before].name, groupings[i].name);
}

// The text of a file of the sources.
static char *source_text(const char *name)
{
	auto_free char *path = mem_printf("%s/%s", TEST_TOP, name);
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		fail_msg("cannot read '%s'", path);
	ssize_t n = getdelim(&text, &room, 0, file);
	fclose(file);
	assert_true(n > 0);
	return text;
}

static void each_setting_has_a_default_and_is_documented(void **state)
{
	auto_free char *page = source_text("doc/hostel.1");

	(void)state;
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *s = &setting_table[i];
		auto_free char *section = mem_printf("[%s]\n", s->section), *line = mem_printf("\n%s =", s->name),
		               *cell = mem_printf("\n.Cm %s\n", s->name);
		const char *text = strstr(settings_default(), section);

		assert_non_null(s->set);
		if (!text || !strstr(text, line))
			fail_msg("%s.%s has no default in hostel.conf", s->section, s->name);
		if (!strstr(page, cell))
			fail_msg("%s.%s is not in hostel(1)", s->section, s->name);
		for (size_t before = 0; before < i; before++)
			if (strcmp(setting_table[before].name, s->name) == 0 &&
			    strcmp(setting_table[before].section, s->section) == 0)
				fail_msg("%s.%s is in the table twice", s->section, s->name);
	}
}

// A guest may have more virtual CPUs than its host has CPUs: a step is still one, and none leads the wrong way.
static void steps_of_cpus_lead_the_right_way(void **state)
{
	struct machine machine = {.host.now.cpus = 2};
	struct row guest = {.machine = &machine, .w.kind = KIND_GUEST, .w.cpus = 4},
	           container = {.machine = &machine, .w.kind = KIND_CONTAINER, .w.cpus = 1};

	(void)state;
	assert_int_equal((int)cpus_after_step(&guest, -1), 3);
	assert_int_equal((int)cpus_after_step(&guest, 1), 4);
	assert_int_equal((int)(cpus_after_step(&container, 1) * 10), 15);
	assert_int_equal((int)(cpus_after_step(&container, -1) * 10 + 0.5), 9);
}

// --- what uses the host ---

static void put_row(struct rows *rows, struct machine *m, const char *id, enum kind kind, int pid)
{
	struct workload w = {.id = (char *)id, .name = (char *)id, .kind = kind, .state = STATE_RUNNING, .pid = pid};

	assert_non_null(rows_put(rows, m, &w));
}

static void put_sample(struct rows *rows, const char *id, int64_t at, uint64_t cpu_ms, uint64_t memory)
{
	struct sample s = {.at = at};

	sample_set(&s, METRIC_CPU, cpu_ms * MS);
	sample_set(&s, METRIC_MEMORY_HOST, memory);
	rows_sample(rows, id, &s, at);
}

static struct proc_host host_at(uint64_t busy_ms, uint64_t used)
{
	return (struct proc_host){.cpus = 2, .busy_ns = busy_ms * MS, .memory_total = 1000, .memory_available = 1000 - used};
}

static bool is_near(double value, double wanted)
{
	return value > wanted - 0.01 && value < wanted + 0.01;
}

static void what_uses_the_host_adds_up(void **state)
{
	struct machine m = {0};
	struct rows rows = {0};

	host_init(&m.host);
	put_row(&rows, &m, "g", KIND_GUEST, 7);
	put_row(&rows, &m, "c", KIND_CONTAINER, 8);
	put_row(&rows, &m, "mute", KIND_CONTAINER, 9);
	put_row(&rows, &m, "elsewhere", KIND_GUEST, 0); // of a libvirt on another host
	for (int64_t i = 1; i <= 3; i++) {
		struct proc_host now = host_at((uint64_t)i * 1600, 600);

		host_update(&m.host, &rows, i * SECOND, &now);
		put_sample(&rows, "g", i * SECOND + MS, (uint64_t)i * 900, 300);
		put_sample(&rows, "elsewhere", i * SECOND + MS, (uint64_t)i * 5000, 5000);
		put_sample(&rows, "c", i * SECOND + 2 * MS, (uint64_t)i * 300, 100);
		host_settle(&m.host, &rows);
		assert_int_equal(m.host.at, i * SECOND);
	}
	assert_true(is_near(m.host.value[HOST_CPU], 80));
	assert_true(is_near(m.host.split.kinds[KIND_GUEST].cpu, 45) && is_near(m.host.split.kinds[KIND_CONTAINER].cpu, 15) &&
	            is_near(m.host.split.other.cpu, 20));
	assert_true(is_near(m.host.split.kinds[KIND_GUEST].memory, 300) && is_near(m.host.split.kinds[KIND_CONTAINER].memory, 100) &&
	            is_near(m.host.split.other.memory, 200));
	assert_int_equal(m.host.split.count, 4);
	assert_int_equal(m.host.split.without_cpu, 2);
	assert_int_equal(m.host.split.without_memory, 2);
	rows_done(&rows);
}

static void without_samples_memory_is_unknown(void **state)
{
	struct machine m = {0};
	struct rows rows = {0};

	(void)state;
	host_init(&m.host);
	put_row(&rows, &m, "c", KIND_CONTAINER, 8);
	for (int64_t i = 1; i <= 3; i++) {
		struct proc_host now = host_at((uint64_t)i * 1600, 600);

		host_update(&m.host, &rows, i * SECOND, &now);
		if (i > 1)
			put_sample(&rows, "c", i * SECOND + MS, 100, 100);
		host_settle(&m.host, &rows);
		assert_true(i == 1 ? isnan(m.host.split.other.memory) : i == 2 || is_near(m.host.split.other.memory, 500));
	}
	rows_done(&rows);
}

static void each_cpu_has_a_figure(void **state)
{
	struct machine m = {0};
	struct rows rows = {0};
	static const uint64_t ns[][4] = {{0, 5, PROC_CPU_OFFLINE, 0}, {SECOND / 4, SECOND * 3, PROC_CPU_OFFLINE, 7},
	                                 {SECOND / 2, PROC_CPU_OFFLINE, 9, 7}};

	host_init(&m.host);
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		struct proc_host now = host_at((uint64_t)i * 1000, 600);

		now.cpu_count = 4;
		memcpy(now.cpu_ns, ns[i], sizeof(ns[i]));
		host_update(&m.host, &rows, (int64_t)(i + 1) * SECOND, &now);
		assert_true(i == 0 ? isnan(m.host.cpus[0]) : is_near(m.host.cpus[0], 25));
		assert_true(i == 1 ? is_near(m.host.cpus[1], 100) : isnan(m.host.cpus[1])); // a late tick is not more than all
		assert_true(isnan(m.host.cpus[2]));
	}
	assert_true(is_near(m.host.cpus[3], 0));
	rows_done(&rows);
}

// A load that comes and goes: the host's figures wait for those of the workloads, so that the interval is the same.
static void figures_are_of_the_same_interval(void **state)
{
	struct machine m = {0};
	struct rows rows = {0};
	static const uint64_t host_ms[] = {1000, 1000, 3000, 3000}, row_ms[] = {500, 500, 2500, 2500};

	host_init(&m.host);
	put_row(&rows, &m, "c", KIND_CONTAINER, 8);
	for (size_t i = 0; i < ARRAY_SIZE(host_ms); i++) {
		struct proc_host now = host_at(host_ms[i], 600);
		int64_t at = (int64_t)(i + 1) * SECOND;

		host_update(&m.host, &rows, at, &now);
		assert_true(i == 0 || m.host.at == at - SECOND);
		put_sample(&rows, "c", at + 3 * MS, row_ms[i], 100);
		host_settle(&m.host, &rows);
		assert_true(m.host.at == at && (i == 0 || is_near(m.host.split.other.cpu, 0)));
		assert_true(i != 2 || (is_near(m.host.value[HOST_CPU], 100) && is_near(m.host.split.kinds[KIND_CONTAINER].cpu, 100)));
	}
	// figures that never come do not hold up the host's
	for (int64_t at = 5; at <= 9; at++) {
		struct proc_host now = host_at(3000, 600);

		host_update(&m.host, &rows, at * SECOND, &now);
	}
	assert_int_equal(m.host.at, 9 * SECOND);
	assert_int_equal(m.host.split.without_cpu, 1);
	rows_done(&rows);
}

// What a user wrote stays, whatever is set in it.
static void settings_are_set_in_what_is_there(void **state)
{
	static const struct {
		const char *text, *section, *name, *value, *then;
	} rows[] = {
		{"", "screen", "theme", "nord", "[screen]\ntheme = nord\n"},
		{"[screen]\ntheme = dark\n", "screen", "theme", "nord", "[screen]\ntheme = nord\n"},
		{"[list]\nsort=cpu ; mine\n[screen]\n; theme = dark\nmouse = no", "screen", "theme", "nord",
		 "[list]\nsort=cpu ; mine\n[screen]\n; theme = dark\nmouse = no\ntheme = nord\n"},
		{"[screen]\nmouse = no\n\n; columns\n[list]\n", "screen", "theme", "nord",
		 "[screen]\nmouse = no\ntheme = nord\n\n; columns\n[list]\n"},
		{"[keys]\ntheme = x\n", "screen", "theme", "nord", "[keys]\ntheme = x\n\n[screen]\ntheme = nord\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *text = settings_edit(rows[i].text, rows[i].section, rows[i].name, rows[i].value);

		assert_string_equal(text, rows[i].then);
	}
}

// A refusal is shown at the field whose value it quotes, or which it names.
static void refusals_find_their_fields(void **state)
{
	auto_params p = {0};

	(void)state;
	params_add(&p, "name", "web");
	params_add(&p, "volume", "/srv/data:/data:ro");
	params_add(&p, "memory", "64M");
	assert_string_equal(refused_param(&p, "there is a workload 'web' already"), "name");
	assert_string_equal(refused_param(&p, "cannot open '/srv/data': no such file"), "volume");
	assert_string_equal(refused_param(&p, "invalid value '64Q' for 'memory'"), "memory");
	assert_null(refused_param(&p, "the disk is full"));
}

// Each field that a form shows has a section of its own, not the last one.
static void each_field_is_in_a_section(void **state)
{
	static const enum kind kinds[] = {KIND_CONTAINER, KIND_GUEST};
	const struct verb_field *f;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (size_t i = 0; (f = verb_field(VERB_CREATE, 1u << kinds[k], i)); i++)
			if (f->label && !(f->flags & FIELD_HIDDEN) && strcmp(fields_form_section(f->name), "Other") == 0)
				fail_msg("field '%s' is in no section (fields_form.c)", f->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_action_is_complete),
		cmocka_unit_test(the_keys_of_actions_do_not_clash),
		cmocka_unit_test(the_key_line_has_one_action_per_place),
		cmocka_unit_test(each_action_is_in_the_help_of_keys),
		cmocka_unit_test(command_lines_are_the_verbs_of_actions),
		cmocka_unit_test(each_fact_and_column_is_complete),
		cmocka_unit_test(each_command_is_complete),
		cmocka_unit_test(each_verb_is_a_command),
		cmocka_unit_test(each_tab_shows_something),
		cmocka_unit_test(each_view_has_a_key_and_each_grouping_a_letter),
		cmocka_unit_test(each_setting_has_a_default_and_is_documented),
		cmocka_unit_test(settings_are_set_in_what_is_there),
		cmocka_unit_test(refusals_find_their_fields),
		cmocka_unit_test(each_field_is_in_a_section),
		cmocka_unit_test(steps_of_cpus_lead_the_right_way),
		cmocka_unit_test(what_uses_the_host_adds_up), cmocka_unit_test(without_samples_memory_is_unknown),
		cmocka_unit_test(each_cpu_has_a_figure),
		cmocka_unit_test(figures_are_of_the_same_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
