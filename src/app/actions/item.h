// Actions on items that are not workloads: the verbs of their kind.
#pragma once

struct app;

// Opens the menu of verbs for the selected item, or shows that there are none.
void item_menu(struct app *app);
