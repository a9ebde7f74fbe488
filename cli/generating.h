/* The making of files on a terminal: a count that goes up, and Ctrl-C. */
#ifndef SBMT_CLI_GENERATING_H
#define SBMT_CLI_GENERATING_H

#include "data/generation.h"

/** All zero is a valid start; must not move. */
struct sbmt_generating {
    const char *unit; /**< "expressions": what is counted */
    int share; /**< of the work in percent, for whoever knows it; −1, as it begins: unknown */
    bool terminal;
    double shown; /**< when: clock of core/base/clock.h */
    struct sbmt_generation_watch watch;
};

/** Begins to catch interruptions and gives the watch for what makes the files. */
const struct sbmt_generation_watch *sbmt_generating_begin(struct sbmt_generating *generating,
                                                          const char *unit);

/** Takes the count away. */
void sbmt_generating_end(const struct sbmt_generating *generating);

#endif
