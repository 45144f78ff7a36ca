// SPDX-License-Identifier: LGPL-2.1-or-later
// Shortening system-call filters: the kernel checks, converts and compiles every instruction at each start. libseccomp
// compares one number after the other; here neighbouring numbers with the same action form a range, found by binary
// search. Checks of arguments are copied unchanged. The result is used only if filter_same() finds it equivalent.
// Programs are classic BPF (bpf(4), seccomp(2)).
#include "shorten.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bunk/read/reader.h"

enum { ARCHITECTURES = 8, LEAVES = 8192, ROOM = 32768, FAR = 255, CELL = 16 };
enum kind { UNKNOWN, NUMBER, ARCHITECTURE, ARGUMENT }; // of the accumulator's contents

#define AT(FIELD) ((uint32_t)offsetof(struct seccomp_data, FIELD))

static bool is_load(const struct sock_filter *f)
{
	return f->code == (BPF_LD | BPF_W | BPF_ABS);
}

static bool is_always(const struct sock_filter *f)
{
	return f->code == (BPF_JMP | BPF_JA);
}

static bool is_compare(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_JMP && BPF_SRC(f->code) == BPF_K && !is_always(f);
}

static enum kind kind_of(uint32_t k)
{
	return k == AT(nr) ? NUMBER : k == AT(arch) ? ARCHITECTURE : k >= AT(args) ? ARGUMENT : UNKNOWN;
}

// --- interpreting a program ---

static bool jump_holds(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default: // BPF_JSET
		return a & k;
	}
}

uint32_t filter_ask(const struct sock_fprog *p, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < p->len; pc++) {
		const struct sock_filter *f = &p->filter[pc];

		if (is_load(f) && f->k <= sizeof(*data) - sizeof(a) && f->k % sizeof(a) == 0)
			memcpy(&a, (const char *)data + f->k, sizeof(a));
		else if (f->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= f->k;
		else if (is_always(f))
			pc += f->k;
		else if (is_compare(f))
			pc += jump_holds(f->code, a, f->k) ? f->jt : f->jf;
		else if (f->code == (BPF_RET | BPF_K))
			return f->k;
		else
			break;
	}
	return FILTER_WRONG;
}

// The constants that the accumulator is compared with while it contains KIND (UNKNOWN: any). All jumps are forward, so
// that one pass knows the contents at each instruction.
static size_t find_constants(const struct sock_fprog *p, enum kind kind, uint32_t *out)
{
	auto_free unsigned char *holds_now = mem_array((size_t)p->len + 1, 1); // bit mask of the kinds possible here
	size_t count = 0;

	holds_now[0] = 1 << UNKNOWN;
	for (size_t pc = 0; pc < p->len; pc++) {
		const struct sock_filter *f = &p->filter[pc];
		size_t yes = pc + 1 +
		             (is_always(f)    ? f->k
		              : is_compare(f) ? f->jt
		                              : 0),
		       no = is_compare(f) ? pc + 1 + f->jf : yes;
		unsigned now = is_load(f) ? 1u << kind_of(f->k) : holds_now[pc];

		if (is_compare(f) && (kind == UNKNOWN || now & 1u << kind))
			out[count++] = f->k;
		if (BPF_CLASS(f->code) == BPF_RET)
			continue;
		holds_now[yes < p->len ? yes : p->len] |= (unsigned char)now;
		holds_now[no < p->len ? no : p->len] |= (unsigned char)now;
	}
	return count;
}

static bool same_at(const struct sock_fprog *a, const struct sock_fprog *b, uint32_t arch, uint32_t nr,
                    uint64_t argument)
{
	struct seccomp_data data = {.nr = (int)nr, .arch = arch};

	for (size_t i = 0; i < ARRAY_SIZE(data.args); i++)
		data.args[i] = argument;
	uint32_t answer = filter_ask(a, &data);
	return answer != FILTER_WRONG && answer == filter_ask(b, &data);
}

static bool same_for(const struct sock_fprog *a, const struct sock_fprog *b, uint32_t arch, const uint32_t *numbers,
                     size_t count)
{
	static const uint64_t arguments[] = {0, 1, UINT32_MAX, UINT64_MAX};

	for (size_t i = 0; i < count; i++)
		for (uint32_t near = 0; near < 3 * ARRAY_SIZE(arguments); near++)
			if (!same_at(a, b, arch, numbers[i] + near % 3 - 1, arguments[near / 3]))
				return false;
	for (uint32_t nr = 0; nr < 1024; nr++) // and those of x32
		if (!same_at(a, b, arch, nr, 0) || !same_at(a, b, arch, nr | 0x40000000, 0))
			return false;
	return true;
}

bool filter_same(const struct sock_fprog *a, const struct sock_fprog *b)
{
	auto_free uint32_t *k = mem_array((size_t)a->len + b->len, sizeof(*k)),
	                   *archs = mem_array((size_t)a->len + b->len, sizeof(*archs));
	size_t count = find_constants(a, UNKNOWN, k), arch_count = find_constants(a, ARCHITECTURE, archs);

	count += find_constants(b, UNKNOWN, k + count);
	arch_count += find_constants(b, ARCHITECTURE, archs + arch_count);
	for (size_t i = 0; i < arch_count; i++) {
		size_t first = 0;

		while (archs[first] != archs[i])
			first++;
		if (first == i && !same_for(a, b, archs[i], k, count))
			return false;
	}
	return same_for(a, b, 0, k, count); // represents all others
}

// --- the actions of a program, as ranges of numbers ---

struct leaf {
	uint32_t from;  // up to the next leaf's, or the end
	bool answer;
	uint32_t value; // the action, or where the checks of arguments begin
};

struct leaves {
	struct leaf *items;
	size_t count;
};

static bool add_leaf(struct leaves *l, uint32_t from, bool answer, uint32_t value)
{
	struct leaf *last = l->count ? &l->items[l->count - 1] : NULL;

	if (last && last->answer == answer && last->value == value)
		return true;
	if (l->count == LEAVES)
		return false;
	l->items[l->count++] = (struct leaf){from, answer, value};
	return true;
}

// Follows P from PC for ARCH and the numbers FROM … TO, in order. Returns false for an instruction that it does not
// know.
static bool follow_range(const struct sock_fprog *p, struct leaves *l, size_t pc, enum kind a, uint32_t arch,
                         uint32_t from, uint32_t to)
{
	for (; pc < p->len; pc++) {
		const struct sock_filter *f = &p->filter[pc];
		uint8_t op = BPF_OP(f->code);

		if (f->code == (BPF_RET | BPF_K))
			return add_leaf(l, from, true, f->k);
		if (is_load(f)) {
			a = kind_of(f->k);
			if (a == ARGUMENT)
				return add_leaf(l, from, false, (uint32_t)pc);
		} else if (is_always(f)) {
			pc += f->k;
		} else if (is_compare(f) && a == ARCHITECTURE) {
			pc += jump_holds(f->code, arch, f->k) ? f->jt : f->jf;
		} else if (is_compare(f) && a == NUMBER && op != BPF_JSET) {
			// the numbers for which it holds are low … high
			uint64_t low = op == BPF_JGT ? (uint64_t)f->k + 1 : f->k, high = op == BPF_JEQ ? f->k : UINT32_MAX;
			bool below = from < low, inside = to >= low && from <= high, above = to > high;

			return (!below || follow_range(p, l, pc + 1 + f->jf, a, arch, from, to < low ? to : (uint32_t)low - 1)) &&
			       (!inside || follow_range(p, l, pc + 1 + f->jt, a, arch, from > low ? from : (uint32_t)low,
			                                to < high ? to : (uint32_t)high)) &&
			       (!above ||
			        follow_range(p, l, pc + 1 + f->jf, a, arch, from > high ? from : (uint32_t)high + 1, to));
		} else {
			return false;
		}
	}
	return false;
}

// --- writing the new program ---

struct writer {
	const struct sock_fprog *old;
	struct sock_filter *items;
	size_t count;
	uint32_t jumps[LEAVES]; // the place of a jump to questions about arguments; its k is still a place in OLD
	size_t jump_count;
	bool failed;
};

static void emit(struct writer *w, uint16_t code, size_t jt, size_t jf, uint32_t k)
{
	w->failed |= w->count == ROOM;
	if (!w->failed)
		w->items[w->count++] = (struct sock_filter){code, (uint8_t)jt, (uint8_t)jf, k};
}

// Leaves that a few equality checks can tell apart: one action, except for single numbers that all have another.
struct cell {
	size_t first, count;  // leaves
	bool from_exception;  // the first leaf is one of the single numbers
};

static bool is_single(const struct leaves *l, size_t i)
{
	return i + 1 < l->count && l->items[i + 1].from - l->items[i].from == 1;
}

static bool same_answer(const struct leaves *l, size_t i, size_t k)
{
	return l->items[i].answer == l->items[k].answer && l->items[i].value == l->items[k].value;
}

// How many leaves from FIRST on form one cell.
static size_t cell_length(const struct leaves *l, size_t first, bool from_exception)
{
	size_t n = 1;

	while (first + n < l->count && n < CELL && (n < 2 || same_answer(l, first + n, first + n % 2))) {
		bool exception = (n % 2 == 0) == from_exception;

		if (exception && !is_single(l, first + n))
			break;
		n++;
	}
	return from_exception && !is_single(l, first) ? 1 : n;
}

static struct cell cell_at(const struct leaves *l, size_t first)
{
	size_t plain = cell_length(l, first, false), turned = cell_length(l, first, true);

	return turned > plain ? (struct cell){first, turned, true} : (struct cell){first, plain, false};
}

static size_t exception_count(const struct cell *c)
{
	return (c->count + c->from_exception) / 2;
}

static size_t cell_size(const struct cell *c)
{
	return c->count == 1 ? 1 : exception_count(c) + 2;
}

static size_t tree_size(const struct cell *cells, size_t count)
{
	size_t left = count == 1 ? 0 : tree_size(cells, count / 2);

	return count == 1 ? cell_size(cells) : 1 + (left > FAR) + left + tree_size(cells + count / 2, count - count / 2);
}

static void emit_leaf(struct writer *w, const struct leaf *leaf)
{
	w->failed |= w->jump_count == LEAVES;
	if (!leaf->answer && !w->failed)
		w->jumps[w->jump_count++] = (uint32_t)w->count;
	emit(w, leaf->answer ? BPF_RET | BPF_K : BPF_JMP | BPF_JA, 0, 0, leaf->value);
}

static void emit_cell(struct writer *w, const struct leaf *leaves, const struct cell *c)
{
	const struct leaf *first = &leaves[c->first];
	size_t left = exception_count(c);

	for (size_t i = !c->from_exception; c->count > 1 && i < c->count; i += 2)
		emit(w, BPF_JMP | BPF_JEQ | BPF_K, left--, 0, first[i].from);
	emit_leaf(w, c->count > 1 && c->from_exception ? &first[1] : first);
	if (c->count > 1)
		emit_leaf(w, c->from_exception ? first : &first[1]);
}

static void emit_tree(struct writer *w, const struct leaf *leaves, const struct cell *cells, size_t count)
{
	if (count == 1) {
		emit_cell(w, leaves, cells);
		return;
	}
	size_t half = count / 2, left = tree_size(cells, half);
	if (left > FAR) { // the maximum distance of a conditional jump
		emit(w, BPF_JMP | BPF_JGE | BPF_K, 0, 1, leaves[cells[half].first].from);
		emit(w, BPF_JMP | BPF_JA, 0, 0, (uint32_t)left);
	} else {
		emit(w, BPF_JMP | BPF_JGE | BPF_K, left, 0, leaves[cells[half].first].from);
	}
	emit_tree(w, leaves, cells, half);
	emit_tree(w, leaves, cells + half, count - half);
}

// Copies the instructions reachable from START, which check arguments only. All jumps are forward, so that one pass
// finds them.
static void emit_questions(struct writer *w, size_t start)
{
	const struct sock_fprog *p = w->old;
	// in the new program, plus 1; 0: not reached
	auto_free size_t *place = mem_array((size_t)p->len + 1, sizeof(*place));
	size_t first = w->count;

	place[start] = 1;
	for (size_t pc = start; pc < p->len && !w->failed; pc++) {
		const struct sock_filter *f = &p->filter[pc];
		bool ends = BPF_CLASS(f->code) == BPF_RET;
		size_t yes = pc + 1 +
		             (is_always(f)    ? f->k
		              : is_compare(f) ? f->jt
		                              : 0),
		       no = is_compare(f) ? pc + 1 + f->jf : yes;

		if (!place[pc])
			continue;
		w->failed |= (is_load(f) && kind_of(f->k) != ARGUMENT) || (!ends && (yes >= p->len || no >= p->len));
		place[pc] = w->count + 1;
		emit(w, f->code, f->jt, f->jf, f->k);
		if (!ends && !w->failed)
			place[yes] = place[no] = 1;
	}
	for (size_t pc = start, at = first; pc < p->len && !w->failed; pc++) {
		const struct sock_filter *f = &p->filter[pc];

		if (!place[pc])
			continue;
		struct sock_filter *copy = &w->items[at++]; // fewer instructions in between: distances only shrink
		if (is_always(f))
			copy->k = (uint32_t)(place[pc + 1 + f->k] - place[pc] - 1);
		else if (is_compare(f)) {
			copy->jt = (uint8_t)(place[pc + 1 + f->jt] - place[pc] - 1);
			copy->jf = (uint8_t)(place[pc + 1 + f->jf] - place[pc] - 1);
		}
	}
}

// All jumps to the same checks share one copy.
static void emit_all_questions(struct writer *w)
{
	auto_free uint32_t *where = mem_array(w->old->len, sizeof(*where));

	for (size_t i = 0; i < w->jump_count && !w->failed; i++) {
		struct sock_filter *jump = &w->items[w->jumps[i]];
		uint32_t wanted = jump->k;

		if (!where[wanted]) {
			where[wanted] = (uint32_t)w->count;
			emit_questions(w, wanted);
		}
		jump->k = where[wanted] - w->jumps[i] - 1;
	}
}

static size_t find_architectures(const struct sock_fprog *p, uint32_t *out)
{
	auto_free uint32_t *k = mem_array(p->len, sizeof(*k));
	size_t all = find_constants(p, ARCHITECTURE, k), count = 0;

	for (size_t i = 0; i < all && count < ARCHITECTURES; i++) {
		size_t seen = 0;

		while (seen < count && out[seen] != k[i])
			seen++;
		if (seen == count)
			out[count++] = k[i];
	}
	return count;
}

static bool emit_architecture(struct writer *w, struct leaves *l, uint32_t arch, bool last)
{
	auto_free struct cell *cells = mem_array(LEAVES, sizeof(*cells));
	size_t count = 0;

	l->count = 0;
	if (!follow_range(w->old, l, 0, UNKNOWN, arch, 0, UINT32_MAX))
		return false;
	for (size_t i = 0; i < l->count; i += cells[count++].count)
		cells[count] = cell_at(l, i);
	if (!last) {
		emit(w, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, arch);
		emit(w, BPF_JMP | BPF_JA, 0, 0, (uint32_t)(1 + tree_size(cells, count)));
	}
	emit(w, BPF_LD | BPF_W | BPF_ABS, 0, 0, AT(nr));
	emit_tree(w, l->items, cells, count);
	return true;
}

static bool write_all(struct writer *w)
{
	uint32_t archs[ARCHITECTURES];
	size_t count = find_architectures(w->old, archs);
	auto_free struct leaf *items = mem_array(LEAVES, sizeof(*items));
	struct leaves leaves = {.items = items};
	bool good = count > 0 && count < ARCHITECTURES;

	emit(w, BPF_LD | BPF_W | BPF_ABS, 0, 0, AT(arch));
	for (size_t i = 0; good && i < count; i++)
		good = emit_architecture(w, &leaves, archs[i], false);
	good = good && emit_architecture(w, &leaves, 0, true);
	if (good)
		emit_all_questions(w);
	return good && !w->failed;
}

bool filter_shorten(struct sock_fprog *p, struct pool **pool)
{
	auto_free struct writer *w = mem_new(sizeof(*w));
	auto_free struct sock_filter *items = mem_array(ROOM, sizeof(*items));

	w->old = p;
	w->items = items;
	if (!write_all(w) || w->count >= p->len)
		return false;
	struct sock_fprog shorter = {.len = (unsigned short)w->count, .filter = items};
	if (!filter_same(p, &shorter))
		return false;
	shorter.filter = pool_new(pool, w->count, sizeof(*items));
	memcpy(shorter.filter, items, w->count * sizeof(*items));
	*p = shorter;
	return true;
}
