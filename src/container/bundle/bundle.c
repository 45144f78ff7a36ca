// The default OCI configuration of a container: see bundle.h.
#include "bundle.h"

#include <errno.h>

#include "account.h"
#include "base/mem.h"
#include "container/store/record.h"
#include "device_spec.h"
#include "model/param.h"
#include "network_files.h"
#include "sections.h"
#include "settings.h"
#include "sys/userns.h"

char *bundle_make(const struct record *r, const char *directory, const char *store_path, struct err *e)
{
	struct account account;

	if (bundle_check_memory(r, e) < 0 || settings_check_limits(r, e) < 0 ||
	    process_account(&account, r, directory, e) < 0)
		return NULL;
	json_t *run = process_section(r, &account, e);
	json_t *list = run ? mounts_section(r, directory, store_path, e) : NULL;
	json_t *limits = list ? linux_section(r, store_path) : NULL;
	account_done(&account);
	if (!list || device_specs_add(r, !userns_is_host_root(), list, limits, e) < 0) {
		json_decref(run);
		json_decref(list);
		json_decref(limits);
		return NULL;
	}
	json_t *document = json_pack("{s:s, s:o, s:{s:s, s:b}, s:s, s:o, s:o}", "ociVersion", "1.2.0", "process", run,
	                             "root", "path", "root", "readonly", record_has(r, PARAM_READ_ONLY_ROOT), "hostname",
	                             network_host_name(r), "mounts", list, "linux", limits);
	int applied = document ? settings_apply(r, store_path, document, e) : 0;
	char *text = document && applied == 0 ? json_dumps(document, JSON_INDENT(1)) : NULL;
	json_decref(document);
	if (!text && applied == 0)
		err_msg(e, EINVAL, "container '%s': invalid UTF-8 in a parameter", r->name);
	return text;
}
