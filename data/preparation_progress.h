/* How far a preparation is, and whether it goes on: what data/preparation.c has to itself. */
#ifndef SBMT_DATA_PREPARATION_PROGRESS_H
#define SBMT_DATA_PREPARATION_PROGRESS_H

#include "data/preparation.h"

/** Sets `reading` and `writing`, after which the preparation must not move. */
void sbmt_preparation_watch_bytes(struct sbmt_preparation *preparation);

/** Fails with SBMT_ERROR_INTERRUPTED and says what there is. */
bool sbmt_preparation_stopped(const struct sbmt_preparation *preparation, struct sbmt_error *err);

#endif
