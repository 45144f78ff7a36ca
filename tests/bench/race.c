// Measures commands against each other: in every round each of them runs once, in a new random order, so that other
// load on the machine affects all of them alike.
// usage: race ROUNDS <<lines   a line: NAME COUNT WIDTH ARG... [| BEFORE... [| AFTER...]], its words separated by
// tabs; {} is a new number. A sample is COUNT runs of ARGs, WIDTH at a time. BEFORE and AFTER run unmeasured, once a
// sample. Prints one line per sample: NAME, wall nanoseconds, CPU nanoseconds (with all descendants), peak memory of one
// process in KiB.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { CONTENDERS = 32, WORDS = 64, LINE = 8192 };
enum { MEASURED, BEFORE, AFTER, SECTIONS };

struct contender {
	char *line, *name;
	int count, width;
	char *words[SECTIONS][WORDS];
};

struct cost {
	int64_t cpu_ns;
	long peak_kib;
};

static struct contender contenders[CONTENDERS];
static posix_spawn_file_actions_t silence;
static long number;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "race: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static pid_t start(char *const words[], long id)
{
	static char text[WORDS][1024];
	char *args[WORDS + 1];
	size_t n = 0;
	pid_t pid;

	for (; words[n]; n++) {
		char *mark = strstr(words[n], "{}");

		args[n] = words[n];
		if (mark) {
			snprintf(text[n], sizeof(text[n]), "%.*s%ld%s", (int)(mark - words[n]), words[n], id, mark + 2);
			args[n] = text[n];
		}
	}
	args[n] = NULL;
	errno = posix_spawnp(&pid, args[0], &silence, NULL, args, environ);
	if (errno)
		die(args[0]);
	return pid;
}

static void finish(const char *name, struct cost *cost)
{
	struct rusage usage;
	int status;

	if (wait4(-1, &status, 0, &usage) < 0)
		die("wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "race: '%s' failed with status %#x\n", name, (unsigned)status);
		exit(1);
	}
	cost->cpu_ns += (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000000);
	cost->cpu_ns += (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * INT64_C(1000);
	cost->peak_kib = usage.ru_maxrss > cost->peak_kib ? usage.ru_maxrss : cost->peak_kib;
}

static void once(char *const words[], const char *name, long id)
{
	struct cost ignored = {0};

	if (!words[0])
		return;
	start(words, id);
	finish(name, &ignored);
}

static void sample(const struct contender *c, int print)
{
	struct cost cost = {0};
	int running = 0;
	long first = number;

	once(c->words[BEFORE], c->name, first);
	int64_t begin = now();
	for (int i = 0; i < c->count; i++) {
		if (running == c->width) {
			finish(c->name, &cost);
			running--;
		}
		start(c->words[MEASURED], number++);
		running++;
	}
	while (running--)
		finish(c->name, &cost);
	int64_t wall = now() - begin;
	once(c->words[AFTER], c->name, first);
	if (print)
		printf("%s\t%lld\t%lld\t%ld\n", c->name, (long long)wall, (long long)cost.cpu_ns, cost.peak_kib);
}

static void parse(struct contender *c, char *line)
{
	int section = MEASURED;
	size_t n = 0;

	c->line = strdup(line);
	c->name = strtok(c->line, "\t\n");
	const char *count = strtok(NULL, "\t\n"), *width = strtok(NULL, "\t\n");
	c->count = count ? atoi(count) : 0;
	c->width = width ? atoi(width) : 0;
	for (char *word; (word = strtok(NULL, "\t\n"));) {
		if (strcmp(word, "|") == 0 && section + 1 < SECTIONS) {
			section++;
			n = 0;
		} else if (n + 1 < WORDS) {
			c->words[section][n++] = word;
		}
	}
	if (c->count < 1 || c->width < 1 || !c->words[MEASURED][0]) {
		errno = EINVAL;
		die(c->name ? c->name : "an empty line");
	}
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0, count = 0, order[CONTENDERS];
	char line[LINE];

	if (rounds < 1)
		return 2;
	posix_spawn_file_actions_init(&silence);
	posix_spawn_file_actions_addopen(&silence, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&silence, 1, "/dev/null", O_WRONLY, 0);
	srand((unsigned)now());
	number = (long)getpid() * 1000000;
	for (; count < CONTENDERS && fgets(line, sizeof(line), stdin); count++) {
		parse(&contenders[count], line);
		order[count] = count;
	}
	for (int i = -1; i < rounds; i++) { // the first round only warms the caches
		for (int k = count - 1; k > 0; k--) {
			int other = rand() % (k + 1), was = order[k];

			order[k] = order[other];
			order[other] = was;
		}
		for (int k = 0; k < count; k++)
			sample(&contenders[order[k]], i >= 0);
		fflush(stdout);
	}
	return 0;
}
