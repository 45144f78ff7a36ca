// Actions on items that are not workloads: the verbs of their kind.
#pragma once

struct app;

// Opens the menu of what can be done to the selected item, or says that there is nothing.
void item_menu(struct app *app);
