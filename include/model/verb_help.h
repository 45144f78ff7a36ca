// The help of a verb for one kind, where the row of the verb is about several.
#pragma once

#include <stdbool.h>

#include "model/verb.h"

// One line about VERB for items of KIND: "delete volumes that no container uses". Owned by the caller.
char *verb_help_of(enum verb verb, enum kind kind);
// The operands for the usage line: "VOLUME…". Owned by the caller; NULL: use those of the verb's row.
char *verb_operands_of(enum verb verb, enum kind kind);
