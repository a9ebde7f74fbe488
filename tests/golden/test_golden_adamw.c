/* AdamW and OneCycle against 30 steps of torch's. */
#include <stdint.h>

#include "core/train/adamw.h"
#include "core/train/schedule.h"
#include "tests/golden/golden.h"
#include "tests/suite.h"

enum { STEPS = 30 };

static void configure(struct sbmt_train_config *config)
{
    sbmt_fields_defaults(sbmt_train_fields, config, NULL);
    config->steps = STEPS;
    config->warmup_steps = 10;
    config->schedule = SBMT_SCHEDULE_ONECYCLE;
    config->lr = 5e-3;
    config->beta1 = 0.9;
    config->beta2 = 0.999;
    config->eps = 1e-6;
    config->weight_decay = 0.01;
}

/* Compares every tensor of a slab with the file's <prefix>.<tensor>. */
static void compare_slab(const struct sbmt_safetensors *file, const struct sbmt_params *params,
                         const real *slab, const char *prefix)
{
    for (const struct sbmt_tensor *t = params->first; t != NULL; t = t->next) {
        const struct sbmt_stored *expected = golden_tensor(file, SBMT_DTYPE_F32, "%s.%s", prefix,
                                                           t->name);
        ck_assert_uint_eq(expected->count, t->size);
        golden_compare("adamw", slab + t->offset, expected);
    }
}

static void create_params(const struct sbmt_safetensors *file, struct sbmt_params *params)
{
    struct sbmt_error err = {0};
    const int64_t matrix[2] = {7, 5}, vector[1] = {5};
    const struct sbmt_init zero = {SBMT_INIT_ZERO, 0};
    sbmt_params_add(params, "a", 2, matrix, zero);
    sbmt_params_add(params, "b", 1, vector, zero);
    ck_assert_msg(sbmt_params_seal(params, 1, &err), "%s", err.message);
    for (const struct sbmt_tensor *t = params->first; t != NULL; t = t->next)
        golden_copy(golden_tensor(file, SBMT_DTYPE_F32, "initial.%s", t->name), t->size,
                    params->value + t->offset);
}

/* Without decay of the vector or with it, with beta1 as it is or in a cycle. */
static void follow_torch(const char *name, int decay, int schedule)
{
    struct sbmt_safetensors file = {0};
    struct sbmt_params params = {0};
    struct sbmt_train_config config = {0};
    golden_open(&file, name);
    configure(&config);
    config.decay = decay;
    config.schedule = schedule;
    create_params(&file, &params);
    real *grad = calloc(params.size, sizeof *grad);
    ck_assert_ptr_nonnull(grad);
    int compared = 0;
    for (int64_t step = 1; step <= STEPS; step++) {
        for (const struct sbmt_tensor *t = params.first; t != NULL; t = t->next) {
            const struct sbmt_stored *all = golden_tensor(&file, SBMT_DTYPE_F32, "grads.%s",
                                                          t->name);
            const float *values = all->bytes;
            ck_assert_uint_eq(all->count, STEPS * t->size);
            for (size_t i = 0; i < t->size; i++)
                grad[t->offset + i] = SBMT_R(values[(size_t)(step - 1) * t->size + i]);
        }
        sbmt_adamw_update(&params, grad, sbmt_schedule_rate(&config, step), step, &config);
        char prefix[32], stored[64];
        snprintf(prefix, sizeof prefix, "step%d", (int)step);
        snprintf(stored, sizeof stored, "%s.a", prefix);
        if (sbmt_safetensors_find(&file, stored) != NULL) {
            compare_slab(&file, &params, params.value, prefix);
            compared++;
        }
    }
    ck_assert_int_eq(compared, 4);
    compare_slab(&file, &params, params.moment1, "exp_avg");
    compare_slab(&file, &params, params.moment2, "exp_avg_sq");
    free(grad);
    sbmt_params_finish(&params);
    sbmt_safetensors_close(&file);
}

START_TEST(parameters_and_moments_follow_torch)
{
    follow_torch("adamw", SBMT_DECAY_MATRICES, SBMT_SCHEDULE_ONECYCLE);
}
END_TEST

START_TEST(decay_of_all_follows_torch)
{
    follow_torch("adamw_all", SBMT_DECAY_ALL, SBMT_SCHEDULE_ONECYCLE);
}
END_TEST

START_TEST(the_cycle_of_momentum_follows_torch)
{
    follow_torch("adamw_cycle", SBMT_DECAY_MATRICES, SBMT_SCHEDULE_ONECYCLE_MOMENTUM);
}
END_TEST

/* What a function of the step gives against a tensor of numbers, a step each. */
static void follow_numbers(const char *name, const char *tensor, int schedule,
                           double (*find)(const struct sbmt_train_config *config, int64_t step))
{
    struct sbmt_safetensors file = {0};
    struct sbmt_train_config config = {0};
    golden_open(&file, name);
    configure(&config);
    config.schedule = schedule;
    const struct sbmt_stored *stored = golden_tensor(&file, SBMT_DTYPE_F64, "%s", tensor);
    const double *numbers = stored->bytes;
    ck_assert_uint_eq(stored->count, STEPS);
    for (int step = 1; step <= STEPS; step++) {
        const double expected = numbers[step - 1], found = find(&config, step);
        ck_assert_msg(fabs(found - expected) <= 1e-12 * expected,
                      "step %d: %s %.17g, expected %.17g", step, tensor, found, expected);
    }
    sbmt_safetensors_close(&file);
}

START_TEST(learning_rates_follow_torch)
{
    follow_numbers("adamw", "lr64", SBMT_SCHEDULE_ONECYCLE, sbmt_schedule_rate);
    follow_numbers("adamw_cycle", "lr64", SBMT_SCHEDULE_ONECYCLE_MOMENTUM, sbmt_schedule_rate);
    follow_numbers("adamw_cycle", "beta1", SBMT_SCHEDULE_ONECYCLE_MOMENTUM, sbmt_schedule_beta1);
}
END_TEST

SBMT_SUITE_MAIN("golden_adamw", parameters_and_moments_follow_torch, decay_of_all_follows_torch,
                the_cycle_of_momentum_follows_torch, learning_rates_follow_torch)
