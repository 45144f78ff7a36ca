// Texts of confirmations: what a verb destroys.
#include "verb_tables.h"

#include <string.h>

#include "base/mem.h"
#include "model/param.h"

enum {
	CONTAINERS = 1 << KIND_CONTAINER,
	GUESTS = 1 << KIND_GUEST,
	IMAGES = 1 << KIND_IMAGE,
	VOLUMES = 1 << KIND_VOLUME,
	NETWORKS = 1 << KIND_NETWORK,
};

// What another signal does is up to the program.
bool kill_loses(struct str *out, const struct verb_loss *loss)
{
	if (loss->params && params_get(loss->params, PARAM_SIGNAL))
		return false;
	str_add(out, loss->kinds & GUESTS ? "A guest is powered off, as if unplugged: unsaved data is lost."
	                                  : "Its processes get SIGKILL: unsaved data is lost.");
	return false;
}

// Adds the lines of DETAILS that begin with LABEL, prefixed with SIGN. Returns whether there were any.
static bool add_lines(struct str *body, const char *details, const char *label, const char *sign)
{
	auto_strv lines = {0};
	bool found = false;

	strv_split(&lines, details, "\n");
	for (size_t i = 0; i < lines.count; i++)
		if (str_starts(lines.items[i], label)) {
			str_addf(body, "\n%s%s", sign, lines.items[i] + strlen(label));
			found = true;
		}
	return found;
}

// Adds the files listed in the DETAILS of guests. Returns whether disks are among them (only if STORAGE).
static bool add_files(struct str *body, const char *details, bool storage)
{
	bool named = storage && add_lines(body, details, "Own storage: ", "- ");

	add_lines(body, details, "Own state: ", "- ");
	if (storage)
		named |= add_lines(body, details, "Other storage: ", "but not ");
	add_lines(body, details, "Other state: ", "but not ");
	return named;
}

// Adds the anonymous volumes listed in the DETAILS of containers if they are DELETED. Returns whether there are any.
static bool add_volumes(struct str *body, const char *details, bool deleted)
{
	auto_str kept = {0};

	return add_lines(deleted ? body : &kept, details, DETAIL_OWN_VOLUME, "- volume ");
}

bool delete_loses(struct str *out, const struct verb_loss *loss)
{
	bool storage = loss->params && params_get(loss->params, PARAM_STORAGE), many = loss->count > 1;
	bool volumes = loss->params && params_get(loss->params, PARAM_VOLUMES);

	if (loss->kinds & IMAGES)
		str_add(out, many ? "The images are deleted with all their names, and so are layers that only they use."
		                  : "The image is deleted with all its names, and so are layers that only it uses.");
	if (loss->kinds & VOLUMES) {
		str_add(out, many ? "This permanently deletes the volumes with all their files."
		                  : "This permanently deletes the volume with all its files.");
		return true;
	}
	if (loss->kinds & NETWORKS)
		str_add(out, many ? "This permanently deletes the networks with their definitions."
		                  : "This permanently deletes the network with its definition.");
	if (!(loss->kinds & KIND_BIT_ANY))
		return many && out->length > 0; // losing the record of a job is harmless
	str_add(out, "This permanently deletes:");
	if (loss->kinds & CONTAINERS)
		str_add(out, "\n- the container's own files (everything written outside volumes) and its log");
	bool owns_volumes = loss->kinds & CONTAINERS && loss->details && add_volumes(out, loss->details, volumes);
	if (loss->kinds & GUESTS)
		str_add(out,
		        loss->details
		            ? "\n- the guest's definition and the records of its snapshots"
		            : "\n- the guest's definition, saved state, firmware variables and the records of its snapshots");
	bool named = loss->kinds & GUESTS && loss->details && add_files(out, loss->details, storage);
	if (storage && !named)
		str_add(out, "\n- the guest's disks, unless something else might use them");
	else if (!storage && loss->kinds & GUESTS)
		str_add(out, "\nIts disks are kept.");
	if (owns_volumes && !volumes)
		str_add(out, "\nAnonymous volumes are kept.");
	if (named && many) // the details of each guest count the others as users
		str_add(out, "\nFiles shared only by these guests are deleted with the last of them.");
	if (loss->active)
		str_add(out,
		        many ? "\nRunning ones will be killed first." : "\nIt is running and will be killed first.");
	return storage || volumes || many;
}
