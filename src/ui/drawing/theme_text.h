// themes/dark.theme as text, made while building.
#pragma once

extern const char theme_default_text[];
