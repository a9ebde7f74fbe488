/* Time. */
#ifndef SBMT_CORE_BASE_CLOCK_H
#define SBMT_CORE_BASE_CLOCK_H

/** Seconds of a clock that only goes forward, from some beginning. */
double sbmt_clock_steady(void);

/** Seconds since 1970. */
double sbmt_clock_wall(void);

#endif
