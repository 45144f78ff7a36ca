// Which field of a form an engine's refusal is about.
#pragma once

#include "base/str.h"

// The name of the parameter of P that TEXT, an engine's error, quotes by its value or its name; NULL when it quotes
// none.
const char *refused_param(const struct params *p, const char *text);
