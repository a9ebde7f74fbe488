/* How far a preparation is, and whether it goes on. */
#include "data/preparation_progress.h"

#include <inttypes.h>
#include <stdio.h>

enum { ASK_EVERY = 100 }; /* examples, which may be long */

static bool ask(const struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    const struct sbmt_preparation_watch *watch = preparation->watch;
    return watch == NULL || watch->report(watch->context, &preparation->progress) ||
           sbmt_fail(err, SBMT_ERROR_INTERRUPTED, "stopped");
}

static bool read_bytes(void *context, int64_t bytes, struct sbmt_error *err)
{
    struct sbmt_preparation *preparation = context;
    preparation->progress.read += bytes;
    return ask(preparation, err);
}

static bool write_bytes(void *context, int64_t bytes, struct sbmt_error *err)
{
    (void)bytes;
    return ask(context, err);
}

void sbmt_preparation_watch_bytes(struct sbmt_preparation *preparation)
{
    preparation->reading = (struct sbmt_stream_watch){preparation, read_bytes};
    preparation->writing = (struct sbmt_stream_watch){preparation, write_bytes};
}

bool sbmt_preparation_count(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    return sbmt_preparation_go_on(preparation, (size_t)++preparation->progress.examples, err);
}

bool sbmt_preparation_go_on(struct sbmt_preparation *preparation, size_t example,
                            struct sbmt_error *err)
{
    return example % ASK_EVERY != 0 || ask(preparation, err);
}

bool sbmt_preparation_stopped(const struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    char what[60] = "nothing was written";
    int length = 0, count = 0;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if ((preparation->written & 1U << split) != 0)
            length += snprintf(what + length, sizeof what - (size_t)length, "%s%s",
                               count++ > 0 ? ", " : "", sbmt_split_name((enum sbmt_split)split));
    return sbmt_fail(err, SBMT_ERROR_INTERRUPTED, "%s: stopped after %" PRId64 " examples; %s%s",
                     preparation->task->name, preparation->progress.examples, what,
                     count == 0   ? ""
                     : count == 1 ? " is complete"
                                  : " are complete");
}
