/* A picture of what the heads of an examined example attend to, as SVG. */
#ifndef SBMT_BENCH_PICTURE_H
#define SBMT_BENCH_PICTURE_H

#include "bench/inspection.h"

/** Writes a panel for each head (layer, head: −1 for all), layers from top to bottom: the matrix of
 * queries by keys, darker where a query has more of its attention, with the tokens along its axes
 * where they are few and short; under it, of SBM attention, the memberships Y and Z and the block
 * matrix B. In tasks that read pictures, also which pixels `query` (−1: the middle one) attends to
 * and how much attention each pixel gets, in red over the picture. Kinds that do not show their
 * pairs, and a query that there is not, are SBMT_ERROR_USAGE. */
SBMT_MUST_CHECK bool sbmt_picture_write(const char *path, const struct sbmt_inspection *inspection,
                                        const struct sbmt_examined *examined, int layer, int head,
                                        int query, struct sbmt_error *err);

#endif
