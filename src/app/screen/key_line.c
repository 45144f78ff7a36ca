// The key line at the bottom, or the message in its place.
#include "key_line.h"

#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/keymap.h"

#include "app/actions/actions.h"
#include "app/know/app.h"

// The columns of an entry: "X Stop".
static int key_entry_width(const struct app *app, int index, char key[KEY_NAME])
{
	uint32_t code = keymap_first(app->keymap, index);

	if (code == K_NONE || (action_writes(&actions[index]) && app_read_only(app)))
		return 0;
	return text_width(key_format(key, code)) + 1 + text_width(actions[index].label);
}

static void key_entry_draw(struct area a, int column, const char *key, const char *text)
{
	int n = area_text(a, 0, column, -1, PEN(ROLE_KEY), key);

	area_text(a, 0, column + n + 1, -1, PEN(ROLE_TEXT), text);
}

// The keys that matter most, as many as fit; quitting is at the right edge. With CLICKED, the action at that column,
// else -1.
static int key_line_walk(const struct app *app, struct area a, bool draws, int clicked)
{
	char key[KEY_NAME];
	int last = action_ranked(RANK_LAST), end = a.columns - 1 - key_entry_width(app, last, key), at = 1, index;

	if (draws && end > 0)
		key_entry_draw(a, end, key, actions[last].label);
	if (clicked >= end)
		return last;
	for (int rank = 1; (index = action_ranked(rank)) >= 0; rank++) {
		int width = key_entry_width(app, index, key);

		if (!width)
			continue;
		if (at + width + 2 > end)
			break;
		if (draws)
			key_entry_draw(a, at, key, actions[index].label);
		if (clicked >= at && clicked < at + width)
			return index;
		at += width + 2;
	}
	return -1;
}

int key_line_action(const struct app *app, struct area a, int column)
{
	return key_line_walk(app, a, false, column);
}

void key_line_draw(struct app *app, struct area a)
{
	if (app->message)
		area_text(a, 0, 1, a.columns - 2, PEN(app->message_bad ? ROLE_FAILED : ROLE_TEXT), app->message);
	else
		key_line_walk(app, a, true, -1);
}
