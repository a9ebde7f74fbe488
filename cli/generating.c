/* The making of files on a terminal. */
#include "cli/generating.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "core/base/clock.h"

enum { SHOWN_A_SECOND = 20 };

static void show(struct sbmt_generating *generating, int64_t done, int64_t total)
{
    const double now = sbmt_clock_steady();
    if (now - generating->shown < 1.0 / SHOWN_A_SECOND)
        return;
    generating->shown = now;
    fprintf(stderr, "\r%" PRId64, done);
    if (total > 0)
        fprintf(stderr, "/%" PRId64, total);
    fprintf(stderr, " %s", generating->unit);
    if (generating->share >= 0)
        fprintf(stderr, ", %d %%", generating->share);
    fputs("\x1b[K", stderr);
}

static bool report(void *context, int64_t done, int64_t total)
{
    struct sbmt_generating *generating = context;
    if (generating->terminal)
        show(generating, done, total);
    return !sbmt_interrupt_caught();
}

const struct sbmt_generation_watch *sbmt_generating_begin(struct sbmt_generating *generating,
                                                          const char *unit)
{
    *generating = (struct sbmt_generating){
        .unit = unit,
        .share = -1,
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
