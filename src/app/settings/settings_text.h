// The default configuration, generated from hostel.conf by the build.
#pragma once

extern const char settings_default_text[];
