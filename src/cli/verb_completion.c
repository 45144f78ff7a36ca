// `hostel completion SHELL`: the rules of a shell, which ask `hostel complete`.
#include <string.h>

#include "base/mem.h"
#include "cli.h"

// Bash splits words at "=" and ":", and replaces only what is behind the last of these. A name is quoted: it must not
// be run.
static const char bash[] =
    "# completion of hostel for bash, made by: hostel completion bash\n"
    "_hostel() {\n"
    "\tlocal words=() i line cut\n"
    "\tfor ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "\t\tif ((i > 1)) && [[ ${COMP_WORDS[i]} == [=:]* || ${COMP_WORDS[i - 1]} == *[=:] ]]; then\n"
    "\t\t\twords[-1]+=${COMP_WORDS[i]}\n"
    "\t\telse\n"
    "\t\t\twords+=(\"${COMP_WORDS[i]}\")\n"
    "\t\tfi\n"
    "\tdone\n"
    "\tcut=${words[-1]%\"${words[-1]##*[=:]}\"}\n"
    "\tCOMPREPLY=()\n"
    "\twhile IFS= read -r line; do\n"
    "\t\tline=${line%%$'\\t'*}\n"
    "\t\tCOMPREPLY+=(\"$(printf %q \"${line#\"$cut\"}\")\")\n"
    "\tdone < <(hostel complete -- \"${words[@]}\" 2>/dev/null)\n"
    "\tif [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:/] ]]; then compopt -o nospace; fi\n"
    "}\n"
    "complete -o default -F _hostel hostel\n";

static const char zsh[] =
    "#compdef hostel\n# completion of hostel for zsh, made by: hostel completion zsh\n"
    "autoload -U +X bashcompinit && bashcompinit\n"
    "source <(hostel completion bash)\n";

static const char fish[] =
    "# completion of hostel for fish, made by: hostel completion fish\n"
    "complete -c hostel -f -a '(hostel complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'\n";

int verb_completion(struct cli *c, int count, char **operands)
{
	static const struct {
		const char *shell, *rules;
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
	auto_str out = {0};

	(void)c;
	for (size_t i = 0; count == 1 && i < ARRAY_SIZE(shells); i++)
		if (strcmp(shells[i].shell, operands[0]) == 0) {
			str_add(&out, shells[i].rules);
			return cli_print(&out);
		}
	return cli_fail(EXIT_USAGE, "'completion' takes one of: bash, zsh, fish");
}
