/* Time, operations and memory of training steps and inferences against length and density. */
#ifndef SBMT_BENCH_SPEED_H
#define SBMT_BENCH_SPEED_H

#include <stdint.h>

#include "core/base/arena.h"
#include "core/io/json.h"

/** What to measure: the ListOps model with each kind of attention at each length; kinds with a
 * block model at each density. */
struct sbmt_speed_plan {
    const char *const *attention; /**< names of kinds */
    int attentions;
    const double *lengths, *densities; /**< ascending; whole numbers the first */
    int lengths_count, densities_count;
    int threads; /**< 0: all processors */
    int batch, repeats;
    int clusters;    /**< of the kinds that have them */
    const char *cpu; /**< NULL: the best */
    /** Changes to the configuration, "key=value"; those of model.attention change the kinds that
     * have such an option. */
    const char *const *overrides;
    int overrides_count;
};

/** One kind at one length and density. Times are seconds. */
struct sbmt_speed_row {
    const char *attention;
    int n;
    int64_t tokens;                     /**< of a batch */
    double target;                      /**< density asked for; −1: none */
    double density;                     /**< measured in the training steps; −1: no graph */
    double step, step_least, step_most; /**< forward, backward, AdamW; median first */
    double inference, inference_least, inference_most; /**< forward alone */
    double step_flops, inference_flops;                /**< by formula, of a whole batch */
    double peak_bytes;                                 /**< activations of one thread */
    double step_ratio, inference_ratio; /**< softmax's time over this one's; −1: no softmax */
};

/** At which density a kind takes as long as softmax at the same length. */
struct sbmt_speed_break_even {
    const char *attention;
    int n;
    double step, inference; /**< 0: slower at every density measured; INFINITY: faster at the
                               largest */
};

/** All that was measured; in the arena of the call. */
struct sbmt_speed {
    int threads;
    const char *cpu; /**< instruction set of the kernels */
    struct sbmt_speed_row *row;
    int rows;
    struct sbmt_speed_break_even *break_even;
    int break_evens;
};

/** Checks kinds and changes, so that a mistake is found before anything is measured. */
SBMT_MUST_CHECK bool sbmt_speed_check(const struct sbmt_speed_plan *plan, struct sbmt_arena *arena,
                                      struct sbmt_error *err);

/** Measures a checked plan. The runs of a length take turns, so that what disturbs the machine
 * disturbs all of them. `report` is called when the rows of a length are complete; it may be NULL.
 */
SBMT_MUST_CHECK bool
sbmt_speed_measure(const struct sbmt_speed_plan *plan,
                   void (*report)(void *context, const struct sbmt_speed_row *rows, int count),
                   void *context, struct sbmt_arena *arena, struct sbmt_speed *speed,
                   struct sbmt_error *err);

/** speed_result.c: the ratios of the rows of one length; and the density from which on times stay
 * above softmax's, with the logarithms of both interpolated (the last crossing: at low densities
 * times hardly differ, and a disturbed one must not decide). */
void sbmt_speed_ratios(struct sbmt_speed_row *rows, int count);
double sbmt_speed_crossing(const double *density, const double *time, int count, double softmax);
SBMT_MUST_CHECK bool sbmt_speed_break_evens(struct sbmt_speed *speed, struct sbmt_arena *arena,
                                            struct sbmt_error *err);

/** Sets cpu_used, threads, batch, repeats, clusters, changes, rows and break_even. In the last,
 * null stands for slower at every density measured, and the text "always" for faster at the
 * largest. */
void sbmt_speed_json(const struct sbmt_speed *speed, const struct sbmt_speed_plan *plan,
                     struct sbmt_json *json);

#endif
