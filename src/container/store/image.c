// The image as a value: see image.h. Separate from image/open.c, so that the monitor does not link an archive library.
#include "image.h"

#include <stdlib.h>

#include "base/mem.h"

void image_done(struct image *image)
{
	if (!image)
		return;
	free(image->reference);
	free(image->digest);
	free(image->user);
	free(image->workdir);
	free(image->stop_signal);
	strv_done(&image->lowers);
	strv_done(&image->env);
	strv_done(&image->entrypoint);
	strv_done(&image->cmd);
	strv_done(&image->health);
	strv_done(&image->health_options);
	strv_done(&image->volumes);
	strv_done(&image->exposed);
	*image = (struct image){0};
}

bool image_is_host(const struct image *image)
{
	return str_equal(image->reference, "host");
}
