// Actions on items by the rows of their verbs, for all that are not workloads, and for verbs with a form of fields.
#pragma once

struct app;

// Opens the menu of verbs for the selected item, or shows that there are none.
void item_menu(struct app *app);
// Opens the form that restores a volume under a new name.
void item_restore_new(struct app *app);
// Opens the form of VERB (enum verb) for the selected item.
void item_form(struct app *app, int verb);
