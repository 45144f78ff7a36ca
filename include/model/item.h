// An item: a guest, container, image, network or anything else on a host. Common fields and operations of all kinds.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "model/fact.h"
#include "model/fields.h"
#include "model/kind.h"

enum item_state {
	STATE_UNKNOWN, // the engine does not answer
	STATE_CREATED,
	STATE_RUNNING,
	STATE_PAUSED,
	STATE_STOPPING,
	STATE_OFF,       // a guest that is not running
	STATE_EXITED,    // a container whose first process exited
	STATE_CRASHED,   // a guest that crashed; a container whose monitor was killed
	STATE_SUSPENDED, // a guest that is asleep (pm) or saved to disk
	STATE_ACTIVE,    // a network or an interface that is up, a disk in use by a running guest
	STATE_INACTIVE,
	STATE_USED,      // an image that a container uses
	STATE_UNUSED,
	STATE_DONE,      // jobs: completed, failed, cancelled
	STATE_FAILED,
	STATE_CANCELLED,
	STATES,
};

struct item_state_info {
	const char *name;
	const char *sign, *ascii_sign; // one column wide, so that state is never shown by colour alone
	unsigned flags;                // verb_flag: the NEEDS_… that this state satisfies
};
const struct item_state_info *item_state_info(enum item_state state);

// The first fields of the struct of each kind. Strings may be NULL (unknown) and are owned. Times are wall-clock
// nanoseconds, 0 = unknown. References are ids: OWNER of the item that this one belongs to and is deleted with,
// TREE of its parent in the tree view, USES of the items it uses.
#define ITEM_FIELDS                                                                                   \
	char *id;     /* model/id.h, stable; refer to items by this */                                    \
	char *name;                                                                                       \
	char *host;   /* ID_HERE on the agent's side; the client puts its name for the host here */     \
	char *engine; /* "bunk", "libvirt", "fake" */                                                     \
	enum kind kind;                                                                                   \
	enum item_state state;                                                                        \
	int64_t created;                                                                                  \
	char *owner, *tree;                                                                               \
	struct strv uses;                                                                                 \
	bool simulated;                                                                                   \
	char *trouble; /* NULL, or why details are missing ("no answer since 12:30:05") */
struct item {
	ITEM_FIELDS
};

enum {
	ITEM_BYTES_MOST = 48 << 10, // of all texts of an item after item_bound()
	ITEM_ID_MAX = 1024,         // bytes. Ids are never truncated: that could be another item's id
};

// The bindings of these fields, the same in every kind's table.
#define ITEM_FACTS                                                                         \
	[FACT_ID] = {.type = FIELD_TEXT, .at = offsetof(struct item, id), .most = ITEM_ID_MAX}, \
	[FACT_NAME] = {.type = FIELD_TEXT, .at = offsetof(struct item, name), .most = 255},     \
	[FACT_HOST] = {.type = FIELD_TEXT, .at = offsetof(struct item, host), .most = 255},     \
	[FACT_ENGINE] = {.type = FIELD_TEXT, .at = offsetof(struct item, engine), .most = 64},  \
	[FACT_KIND] = {.type = FIELD_KIND, .at = offsetof(struct item, kind)},                  \
	[FACT_STATE] = {.type = FIELD_STATE, .at = offsetof(struct item, state)},               \
	[FACT_CREATED] = {.type = FIELD_TIME, .at = offsetof(struct item, created)},            \
	[FACT_OWNER] = {.type = FIELD_ID, .at = offsetof(struct item, owner)},                  \
	[FACT_TREE] = {.type = FIELD_ID, .at = offsetof(struct item, tree)},                    \
	[FACT_USES] = {.type = FIELD_IDS, .at = offsetof(struct item, uses)},                   \
	[FACT_SIMULATED] = {.type = FIELD_BOOL, .at = offsetof(struct item, simulated)},        \
	[FACT_TROUBLE] = {.type = FIELD_TEXT, .at = offsetof(struct item, trouble), .most = 1024}

// ITEM must be the first member of the whole struct of its kind.
void item_done(struct item *item); // leaves it zeroed
struct item *item_copy(const struct item *item); // owned by the caller
void item_free(struct item *item);
bool item_equal(const struct item *a, const struct item *b); // kinds included
// Cuts overlong names, labels and other texts: some come from guests, containers and other hosts, which must not
// exhaust memory here.
void item_bound(struct item *item);
// Total bytes of ITEM's texts.
size_t item_bytes(const struct item *item);
// Replaces the host of ITEM, of its id and of its references with HOST.
void item_rehost(struct item *item, const char *host);
// Returns a new reference; unknown (NULL, 0) fields are left out.
json_t *item_to_json(const struct item *item, enum naming naming);
// The same with these facts only, and id, name, kind and state.
json_t *item_facts_to_json(const struct item *item, const struct fact_set *only, enum naming naming);
// *ITEM is new, of the kind that OBJECT says; unknown keys are ignored. Returns 0, or -EINVAL naming the field.
int item_from_json(struct item **item, const json_t *object, enum naming naming, struct err *e);
