/* Block models whose graphs have a given density. */
#include "bench/block_density.h"

#include <math.h>
#include <stdio.h>

enum { NAME_SIZE = 128, BISECTIONS = 16 };

/* σ(±12)² is as good as 0 or 1. */
static const double farthest = 12, tolerance = 0.05;

static const struct sbmt_tensor *find(const struct sbmt_params *params, int layer, const char *name)
{
    char full[NAME_SIZE];
    snprintf(full, sizeof full, "encoder.layer.%d.attention.self.%s", layer, name);
    return sbmt_params_find(params, full);
}

bool sbmt_block_density_applies(const struct sbmt_params *params)
{
    return find(params, 0, "clusters") != NULL && find(params, 0, "membership.output.bias") != NULL;
}

/* Adds step·u to every row of d reals of a tensor, with u = (1, …, 1)/√d. */
static void add(const struct sbmt_params *params, const struct sbmt_tensor *tensor, double step)
{
    const double d = (double)tensor->shape[tensor->rank - 1];
    const real each = SBMT_R(step / sqrt(d));
    for (size_t i = 0; i < tensor->size; i++)
        params->value[tensor->offset + i] += each;
}

static void add_all(const struct sbmt_params *params, const char *name, double step)
{
    const struct sbmt_tensor *tensor;
    for (int layer = 0; (tensor = find(params, layer, name)) != NULL; layer++)
        add(params, tensor, step);
}

/* The density with the bias moved from *t to `to`. */
static bool measure(const struct sbmt_params *params, struct sbmt_stepper *stepper,
                    const struct sbmt_batch *batch, double *t, double to, double *density,
                    struct sbmt_error *err)
{
    struct sbmt_step_result result;
    add_all(params, "membership.output.bias", to - *t);
    *t = to;
    if (!sbmt_stepper_evaluate(stepper, batch, 1, NULL, NULL, &result, err))
        return false;
    *density = result.stats.density_count > 0 ? result.stats.density / result.stats.density_count
                                              : 0;
    return true;
}

bool sbmt_block_density_set(struct sbmt_params *params, struct sbmt_stepper *stepper,
                            const struct sbmt_batch *batch, double density, struct sbmt_error *err)
{
    double t = 0, low = -farthest, high = farthest, reached = 0;
    add_all(params, "clusters", 1);
    for (int i = 0; i < BISECTIONS; i++) {
        const double middle = (low + high) / 2;
        if (!measure(params, stepper, batch, &t, middle, &reached, err))
            return false;
        if (reached < density)
            low = middle;
        else
            high = middle;
    }
    if (fabs(reached - density) <= tolerance * density)
        return true;
    return sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "density %g: the nearest that these options allow is %.3g%s", density, reached,
                     reached > density ? "; lower model.attention.exploration" : "");
}
