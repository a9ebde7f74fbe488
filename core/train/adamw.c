/* AdamW and the norm of a gradient. */
#include "core/train/adamw.h"

#include <math.h>

#include "core/train/schedule.h"

/* The factors of one update, rounded once, so that the loops hold no conversions. */
struct factors {
    real keep, beta1, rest1, beta2, rest2, correction, eps, rate;
};

/* Moments of weights without gradients fade away, and once they are below the normal numbers every
 * operation takes many times as long, where zero would change no weight. */
static inline real normal(real x)
{
    return x > -SBMT_REAL_MIN && x < SBMT_REAL_MIN ? 0 : x;
}

/* The order of operations of torch.optim.AdamW; `restrict` lets it become vector code. */
static void update(const struct factors *factors, size_t size, const real *restrict grad,
                   real *restrict value, real *restrict moment1, real *restrict moment2)
{
    const struct factors f = *factors;
    for (size_t i = 0; i < size; i++) {
        const real g = grad[i];
        const real mean = f.beta1 * moment1[i] + f.rest1 * g;
        const real square = f.beta2 * moment2[i] + f.rest2 * g * g;
        moment1[i] = normal(mean);
        moment2[i] = normal(square);
        const real denominator = real_sqrt(square) / f.correction + f.eps;
        value[i] = f.keep * value[i] - f.rate * mean / denominator;
    }
}

static bool decays(const struct sbmt_tensor *tensor, const struct sbmt_train_config *config)
{
    return !tensor->fixed && (tensor->decays || config->decay == SBMT_DECAY_ALL);
}

void sbmt_adamw_update(struct sbmt_params *params, const real *grad, double lr, int64_t step,
                       const struct sbmt_train_config *config)
{
    const double beta1 = sbmt_schedule_beta1(config, step);
    const double bias1 = 1 - pow(beta1, (double)step);
    const double bias2 = 1 - pow(config->beta2, (double)step);
    struct factors factors = {
        .beta1 = SBMT_R(beta1),
        .rest1 = SBMT_R(1 - beta1),
        .beta2 = SBMT_R(config->beta2),
        .rest2 = SBMT_R(1 - config->beta2),
        .correction = SBMT_R(sqrt(bias2)),
        .eps = SBMT_R(config->eps),
        .rate = SBMT_R(lr / bias1),
    };
    for (const struct sbmt_tensor *t = params->first; t != NULL; t = t->next) {
        factors.keep = SBMT_R(decays(t, config) ? 1 - lr * config->weight_decay : 1);
        update(&factors, t->size, grad + t->offset, params->value + t->offset,
               params->moment1 + t->offset, params->moment2 + t->offset);
    }
}

double sbmt_gradient_norm(const real *grad, size_t size)
{
    /* The sum of a lane runs over every eighth number: an order that vector code can keep. */
    enum { LANES = 8 };
    double sums[LANES] = {0};
    const size_t whole = size - size % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            sums[lane] += (double)grad[i + lane] * (double)grad[i + lane];
    for (size_t i = whole; i < size; i++)
        sums[i - whole] += (double)grad[i] * (double)grad[i];
    double sum = 0;
    for (size_t lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sqrt(sum);
}

double sbmt_gradient_clip(real *grad, size_t size, double limit)
{
    const double norm = sbmt_gradient_norm(grad, size);
    const double factor = limit / (norm + 1e-6);
    /* A norm that is not a number compares false and leaves the gradient as it is. */
    if (limit > 0 && factor < 1) {
        const real scale = SBMT_R(factor);
        for (size_t i = 0; i < size; i++)
            grad[i] *= scale;
    }
    return norm;
}
