// The fields of verbs, and what their rows call.
#pragma once

#include "model/verb.h"

extern const struct verb_field create_fields[]; // what a workload is made from
extern const struct verb_field create_own_fields[], run_own_fields[], stop_fields[], kill_fields[], delete_fields[],
    rename_fields[], logs_fields[], exec_fields[], attach_fields[], console_fields[], ls_fields[], stats_fields[],
    inspect_fields[], check_fields[];

bool kill_loses(struct str *out, const struct verb_loss *loss);
bool restart_loses(struct str *out, const struct verb_loss *loss);
bool delete_loses(struct str *out, const struct verb_loss *loss);

enum verb pause_undo(const struct workload *w, const struct params *done, struct params *params);
enum verb resume_undo(const struct workload *w, const struct params *done, struct params *params);
enum verb rename_undo(const struct workload *w, const struct params *done, struct params *params);
enum verb set_undo(const struct workload *w, const struct params *done, struct params *params);
