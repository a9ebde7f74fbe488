/* Hand-written gradients against central finite differences, in double. */
#ifndef SBMT_TESTS_GRAD_GRADIENT_H
#define SBMT_TESTS_GRAD_GRADIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/real.h"

/** A function of numbers somewhere in memory; called again after they have been changed. */
struct gradient_problem {
    double (*loss)(void *context);
    void *context;
    size_t axes; /**< single entries to look at; 0: all, or some where they are more than 512 */
};

/** What a comparison found. */
struct gradient_report {
    int checked, failed; /**< derivatives */
    double worst;        /**< largest |numeric − analytic|/(1 + |analytic|) */
    double largest;      /**< largest |analytic| of a derivative that was checked */
    char first_failure[160];
};

/** Compares the gradient `analytic` of the loss by x (count) with central differences (step 1e-5)
 * along the gradient itself, along ten random directions of length 1, and along axes. They agree
 * where |numeric − analytic| ≤ 1e-7·(1 + |analytic|). x is put back as it was. */
struct gradient_report gradient_compare(const struct gradient_problem *problem, size_t count,
                                        real *x, const real *analytic);

/** True where the comparison would have failed, had the gradient been wrong by 0.01 %. */
bool gradient_is_sensitive(const struct gradient_report *report);

/** Fails the Check test, naming `what`, unless gradients agree and the comparison is sensitive. */
void gradient_expect(const char *what, const struct gradient_problem *problem, size_t count,
                     real *x, const real *analytic);

/** The same where the loss does not depend on x: the gradient must be 0, up to rounding. */
void gradient_expect_none(const char *what, const struct gradient_problem *problem, size_t count,
                          real *x, const real *analytic);

/** A zeroed array from the heap, or a failed test. The caller frees it. */
real *gradient_reals(size_t count);

/** Normal numbers with a standard deviation into x; the same for the same `stream`. */
void gradient_fill(real *x, size_t count, double deviation, uint64_t stream);

/** Σ w·y in double. */
double gradient_dot(size_t count, const real *w, const real *y);

#endif
