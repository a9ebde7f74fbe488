/* What a protocol sets of a configuration: one row a task and protocol. */
#ifndef SBMT_BENCH_PROTOCOL_ROWS_H
#define SBMT_BENCH_PROTOCOL_ROWS_H

#include "data/protocol.h"

enum { SBMT_PROTOCOL_SETTINGS = 24 };

/** One row. */
struct sbmt_protocol_row {
    const char *task;
    const char *made; /**< the task that makes examples of the same kind; NULL: none */
    enum sbmt_protocol protocol;
    const char *source;        /**< where the values come from */
    const char *const *common; /**< settings that rows share, NULL-terminated */
    const char *const settings[SBMT_PROTOCOL_SETTINGS]; /**< "key=value", over the common ones */
};

/** Row by index; NULL past the end. */
const struct sbmt_protocol_row *sbmt_protocol_row_at(int index);

/** The row of a task and protocol; NULL: the protocol sets nothing of this task. */
const struct sbmt_protocol_row *sbmt_protocol_row_find(const char *task, int protocol);

#endif
