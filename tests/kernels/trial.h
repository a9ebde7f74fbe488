/* What the checks of kernels share: guarded arrays, random numbers and comparisons. */
#ifndef SBMT_TESTS_KERNELS_TRIAL_H
#define SBMT_TESTS_KERNELS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/kernels/kernels.h"

/** The bits of slack and of what no kernel has written: a NaN as a float, a wrong number as an int.
 */
#define TRIAL_PATTERN 0x7FC5A5A5U

enum { TRIAL_ARRAYS = 9 };

/** An array of 4-byte elements between slack. */
struct trial_array {
    char *region, *end; /* end: an unreadable page begins here */
    uint32_t *first;
    size_t count, slack; /* elements; slack behind the array */
};

/** One kernel of one instruction set under test. */
struct trial {
    const struct sbmt_kernels *set, *reference;
    uint64_t random; /* state */
    bool tight;      /* arrays end at the unreadable page */
    struct trial_array arrays[TRIAL_ARRAYS];
    int used; /* arrays */
    int failures;
    char first_failure[256];
};

/** Maps the memory of the arrays. False when the system refuses. */
bool trial_init(struct trial *trial);
void trial_finish(struct trial *trial);

/** Gives back all arrays. With `tight` the next ones end where memory does, so that a read beyond
 * them is a crash; else slack follows, so that a write beyond them is seen. */
void trial_begin(struct trial *trial, bool tight);

/** `count` elements, all TRIAL_PATTERN, with TRIAL_PATTERN around them. */
void *trial_array(struct trial *trial, size_t count);

/** `count` floats uniform in [low, high). */
float *trial_floats(struct trial *trial, int count, double low, double high);

/** A matrix (rows, d) whose rows are `ld` apart, uniform in [−1, 1), with TRIAL_PATTERN between
 * them and nothing behind the last row's d. */
float *trial_matrix(struct trial *trial, int rows, int d, int ld);

/** `count` columns, uniform in 0 … rows−1, repeats included. */
int32_t *trial_columns(struct trial *trial, int count, int rows);

/** A copy of an array of this trial, slack and all. */
void *trial_copy(struct trial *trial, const void *array);

/** Fails the trial where slack, or what lies between a matrix's rows, has changed. */
void trial_check_slack(struct trial *trial, const char *what);
void trial_check_gaps(struct trial *trial, const float *matrix, int rows, int d, int ld);

/** 32 random bits; uniform in [0, 1). */
uint32_t trial_bits(struct trial *trial);
double trial_uniform(struct trial *trial);

/** Counts a failure; the first one's message is kept. */
__attribute__((format(printf, 2, 3))) void trial_fail(struct trial *trial, const char *format, ...);

/** A normalised mean squared error: Σ(found − expected)²/Σ expected² over a batch of results,
 * because a single result may be tiny by cancellation. */
struct nmse {
    double error, power;
};

void nmse_add(struct nmse *nmse, int count, const float *found, const float *expected);

/** Fails the trial where the error is above `limit` (an infinite or undefined one is). */
void nmse_check(struct trial *trial, const struct nmse *nmse, double limit, const char *what,
                int size);

/** |found − exact| in units of the distance between floats at `exact`. */
double ulp_error(float found, double exact);

#endif
