/* Times of repeated work. */
#include "bench/stopwatch.h"

#include "bench/statistics.h"
#include "core/base/clock.h"

enum { MOST_ROUNDS = 9, LEAST_ROUNDS = 3 };

/* Seconds of a round at least, and of all rounds where they can be fewer. */
static const double round_time = 2e-3, whole_time = 0.4;

double sbmt_stopwatch_call(void (*call)(void *context), void *context)
{
    double each[MOST_ROUNDS];
    const double begin = sbmt_clock_steady();
    int repeats = 1, rounds = 0;
    call(context); /* what is done only once, such as growing an arena */
    while (rounds < MOST_ROUNDS) {
        const double start = sbmt_clock_steady();
        for (int i = 0; i < repeats; i++)
            call(context);
        const double end = sbmt_clock_steady();
        if (end - start < round_time) {
            repeats *= 2;
            continue;
        }
        each[rounds++] = (end - start) / repeats;
        if (rounds >= LEAST_ROUNDS && end - begin > whole_time)
            break;
    }
    return sbmt_statistics_median(each, rounds);
}
