// `hostel edit`: the definition of a workload in an editor. Its difference is shown, and applied when it is confirmed;
// what is refused stays in the file.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diff.h"
#include "base/mem.h"
#include "cli.h"
#include "client.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { DEFINITION_MAX = 100 << 10 }; // bytes, as much as a request carries

struct edit {
	struct cli *cli;
	char *word;        // names the workload
	char *id, *name;
	struct str was;    // its definition
	char *text;        // the definition as edited
	char *directory, *path; // of the file
};

// Connects and finds the workload: no connection is kept while the editor runs. Returns 0 or negative errno.
static int edit_connect(struct edit *ed, struct client **s, struct err *e)
{
	auto_str trouble = {0};
	const char *word = ed->id ? ed->id : ed->word;

	if (client_open(s, ed->cli, client_kinds_of(ed->cli, 1, (char *[]){(char *)word}), e) < 0 ||
	    client_list(*s, &trouble, e) < 0)
		return -e->code;
	const struct item *item = client_find_item(*s, word, &trouble, e);
	if (!item)
		return -e->code;
	if (!ed->id) {
		ed->id = mem_strdup(item->id);
		ed->name = mem_strdup(item->name);
	}
	auto_free char *wrong = verb_wrong_kind(VERB_EDIT, item);
	return wrong ? err_msg(e, EINVAL, "%s", wrong) : 0;
}

static int edit_read(struct edit *ed, struct err *e)
{
	struct client *s = NULL;
	int r = edit_connect(ed, &s, e);

	if (r == 0)
		r = client_read(s, ed->id, DOCUMENT_DEFINITION, &ed->was, e);
	client_close(s);
	if (r == 0 && ed->was.length > DEFINITION_MAX)
		r = err_msg(e, EFBIG, "the definition of '%s' is too large to edit", ed->name);
	return r;
}

// A definition that another client changed meanwhile is not overwritten.
static int edit_apply(struct edit *ed, struct err *e)
{
	struct client *s = NULL;
	auto_str now = {0};
	auto_params params = {0};
	int r = edit_connect(ed, &s, e);

	params_add(&params, PARAM_DEFINITION, ed->text);
	if (r == 0)
		r = client_read(s, ed->id, DOCUMENT_DEFINITION, &now, e);
	if (r == 0 && !str_equal(str_text(&now), str_text(&ed->was)))
		r = err_msg(e, EBUSY, "another client has changed '%s' meanwhile: edit it again", ed->name);
	if (r == 0)
		r = client_act(s, ed->id, VERB_EDIT, &params, e);
	if (r == 0)
		client_show_notes(s);
	client_close(s);
	return r;
}

static void remove_file(const struct edit *ed)
{
	unlink(ed->path);
	rmdir(ed->directory);
}

// In a directory that no other user may look into: a definition may hold a password.
static int make_file(struct edit *ed, struct err *e)
{
	const char *top = getenv("TMPDIR");
	bool xml = str_text(&ed->was)[0] == '<';

	ed->directory = mem_printf("%s/hostel-edit-XXXXXX", top && *top ? top : "/tmp");
	if (!mkdtemp(ed->directory)) {
		free(steal(ed->directory));
		return err_set(e, errno, "cannot create a directory for the definition");
	}
	ed->path = mem_printf("%s/definition.%s", ed->directory, xml ? "xml" : "json");
	int r = fs_create_file(AT_FDCWD, ed->path, 0600, str_text(&ed->was), ed->was.length, e);
	if (r < 0)
		remove_file(ed);
	return r;
}

static int wait_for_editor(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Runs the user's editor, which may be a command line ("code --wait"). Ctrl-C is the editor's meanwhile.
static int run_editor(const struct edit *ed, struct err *e)
{
	const char *const argv[] = {"sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", ed->path, NULL};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old[2];
	struct err why = {0};

	sigaction(SIGINT, &ignore, &old[0]);
	sigaction(SIGQUIT, &ignore, &old[1]);
	pid_t pid = proc_spawn(argv, (const int[]){0, 1, 2}, -1, false, &why);
	int status = pid < 0 ? -1 : wait_for_editor(pid);
	sigaction(SIGINT, &old[0], NULL);
	sigaction(SIGQUIT, &old[1], NULL);
	return status == 0 ? 0
	                   : err_msg(e, ECHILD, "the editor failed (set VISUAL or EDITOR to use another one)%s%s",
	                             pid < 0 ? ": " : "", pid < 0 ? why.text : "");
}

static int edit_text(struct edit *ed, struct err *e)
{
	int r = run_editor(ed, e);

	if (r < 0)
		return r;
	free(steal(ed->text));
	ssize_t n = fs_read_file(AT_FDCWD, ed->path, DEFINITION_MAX, &ed->text, e);
	return n < 0 ? (int)n : 0;
}

static void show_difference(const struct edit *ed)
{
	auto_str difference = {0}, shown = {0};

	diff_add(&difference, str_text(&ed->was), ed->text);
	str_add_lines(&shown, str_text(&difference), difference.length);
	cli_print(&shown);
}

static bool can_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

// One of CHOICES, the last of which an end of the input means.
static char ask(const char *question, const char *choices)
{
	char line[64];

	for (;;) {
		printf("%s ", question);
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			return choices[strlen(choices) - 1];
		if (line[0] && strchr(choices, line[0]))
			return line[0];
	}
}

// Applies the edit, or asks again. Returns whether the editor runs once more; *STATUS otherwise.
static bool finish_edit(struct edit *ed, int *status)
{
	struct err e = {0};
	char answer = cli_has(ed->cli, PARAM_YES)
	                  ? 'y'
	                  : ask("Apply these changes? (y: yes, e: edit again, n: discard)", "yen");

	if (answer == 'e')
		return true;
	*status = EXIT_OK;
	if (answer == 'n' || edit_apply(ed, &e) == 0) {
		remove_file(ed);
		return false;
	}
	*status = cli_error(&e);
	if (!cli_has(ed->cli, PARAM_YES) && ask("Edit again? (y/n)", "yn") == 'y')
		return true;
	cli_warn("the edited definition was kept: %s", ed->path);
	return false;
}

static int edit_loop(struct edit *ed)
{
	struct err e = {0};
	int status = EXIT_FAILED;

	do {
		if (edit_text(ed, &e) < 0) {
			cli_error(&e);
			cli_warn("the definition was kept: %s", ed->path);
			return EXIT_FAILED;
		}
		if (str_equal(ed->text, str_text(&ed->was))) {
			cli_warn("'%s' was not changed", ed->name);
			remove_file(ed);
			return EXIT_OK;
		}
		show_difference(ed);
	} while (finish_edit(ed, &status));
	return status;
}

int verb_edit(struct cli *c, int count, char **operands)
{
	struct edit ed = {.cli = c, .word = operands[0]};
	struct err e = {0};

	(void)count;
	if (!cli_has(c, PARAM_YES) && !can_ask())
		return cli_fail(EXIT_USAGE, "'edit' asks before it applies changes: use --" PARAM_YES
		                            ", or run it on a terminal");
	int status = edit_read(&ed, &e) < 0      ? cli_not_found(&e)
	             : make_file(&ed, &e) < 0    ? cli_error(&e)
	                                         : edit_loop(&ed);
	free(ed.id);
	free(ed.name);
	free(ed.text);
	free(ed.directory);
	free(ed.path);
	str_done(&ed.was);
	return status;
}
