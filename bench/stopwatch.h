/* Times of repeated work: medians, because other programs disturb some rounds. */
#ifndef SBMT_BENCH_STOPWATCH_H
#define SBMT_BENCH_STOPWATCH_H

/** Seconds of one call: the median of several rounds, each with as many calls as take 2
 * milliseconds at least. Calls that take long get fewer rounds, but three. */
double sbmt_stopwatch_call(void (*call)(void *context), void *context);

#endif
