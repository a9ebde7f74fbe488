/* The making of files on a terminal. */
#include "cli/generating.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/interrupt.h"
#include "cli/terminal.h"

static bool report(void *context, int64_t done, int64_t total)
{
    const struct sbmt_generating *generating = context;
    if (generating->terminal && total > 0)
        fprintf(stderr, "\r%" PRId64 "/%" PRId64 " %s\x1b[K", done, total, generating->unit);
    else if (generating->terminal)
        fprintf(stderr, "\r%" PRId64 " %s\x1b[K", done, generating->unit);
    return !sbmt_interrupt_caught();
}

const struct sbmt_generation_watch *sbmt_generating_begin(struct sbmt_generating *generating,
                                                          const char *unit)
{
    *generating = (struct sbmt_generating){
        .unit = unit,
        .terminal = sbmt_terminal_is(stderr),
        .watch = {.context = generating, .report = report},
    };
    sbmt_interrupt_catch();
    return &generating->watch;
}

void sbmt_generating_end(const struct sbmt_generating *generating)
{
    if (generating->terminal)
        fputs("\r\x1b[K", stderr);
}
