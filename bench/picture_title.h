/* What stands above a picture. */
#ifndef SBMT_BENCH_PICTURE_TITLE_H
#define SBMT_BENCH_PICTURE_TITLE_H

#include "bench/inspection.h"

/** Appends task, kind of attention, step and example, and its label and prediction where it has one
 * of each. */
void sbmt_picture_title(const struct sbmt_inspection *inspection,
                        const struct sbmt_examined *examined, struct sbmt_str *text);

#endif
