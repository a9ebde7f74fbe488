/* AdamW by hand-computed steps, and the norm and clipping of gradients. */
#include "tests/suite.h"

#include <math.h>

#include "core/train/adamw.h"

static const struct sbmt_train_config config = {
    .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-6, .weight_decay = 0.1};

/* A matrix (2, 2), which decays, and a bias (3), which does not. */
struct store {
    struct sbmt_params params;
    const struct sbmt_tensor *matrix, *bias;
};

static struct store make(void)
{
    struct store store = {0};
    struct sbmt_error err = {0};
    const int64_t square[] = {2, 2}, line[] = {3};
    const struct sbmt_init one = {SBMT_INIT_ONE, 0};
    store.matrix = sbmt_params_add(&store.params, "matrix", 2, square, one);
    store.bias = sbmt_params_add(&store.params, "bias", 1, line, one);
    ck_assert(sbmt_params_seal(&store.params, 1, &err));
    return store;
}

/* In the first step both corrections undo the moments' factors: the mean is g, the root |g|. */
START_TEST(the_first_step_is_the_sign_of_the_gradient)
{
    struct store store = make();
    real grad[32] = {0};
    grad[0] = SBMT_R(2);
    grad[1] = SBMT_R(-0.5);
    grad[16] = SBMT_R(1e-6);
    sbmt_adamw_update(&store.params, grad, 0.01, 1, &config);
    const real *value = store.params.value;
    const double tolerance = 2e-7;
    ck_assert_double_eq_tol((double)value[0], 1 - 0.001 - 0.01 * 2 / (2 + 1e-6), tolerance);
    ck_assert_double_eq_tol((double)value[1], 1 - 0.001 + 0.01 * 0.5 / (0.5 + 1e-6), tolerance);
    ck_assert_double_eq_tol((double)value[2], 1 - 0.001, tolerance);
    ck_assert_double_eq_tol((double)value[16], 1 - 0.01 * 0.5, tolerance);
    ck_assert(value[17] == 1);
    ck_assert_double_eq_tol((double)store.params.moment1[0], 0.2, 1e-7);
    ck_assert_double_eq_tol((double)store.params.moment2[0], 0.004, 1e-9);
    for (size_t i = 4; i < 16; i++)
        ck_assert(value[i] == 0 && store.params.moment1[i] == 0);
    for (size_t i = 19; i < 32; i++)
        ck_assert(value[i] == 0);
    sbmt_params_finish(&store.params);
}
END_TEST

/* Gradients 1, −2, 4 of one bias at rate 0.1. Step 2: m = 0.9·0.1 − 0.2 = −0.11,
 * v = 0.999·0.001 + 0.004 = 0.004999. Step 3: m = −0.099 + 0.4 = 0.301,
 * v = 0.999·0.004999 + 0.016 = 0.020994001. */
START_TEST(moments_and_corrections_over_three_steps)
{
    struct store store = make();
    const double steps[] = {1, -2, 4};
    for (int step = 1; step <= 3; step++) {
        real grad[32] = {0};
        grad[store.bias->offset] = SBMT_R(steps[step - 1]);
        sbmt_adamw_update(&store.params, grad, 0.1, step, &config);
    }
    const double second = -0.11 / 0.19 / (sqrt(0.004999 / 0.001999) + 1e-6);
    const double third = 0.301 / 0.271 / (sqrt(0.020994001 / 0.002997001) + 1e-6);
    const double expected = 1 - 0.1 * (1 / (1 + 1e-6) + second + third);
    const size_t place = store.bias->offset;
    ck_assert_double_eq_tol((double)store.params.value[place], expected, 3e-7);
    ck_assert_double_eq_tol((double)store.params.moment1[place], 0.301, 1e-7);
    ck_assert_double_eq_tol((double)store.params.moment2[place], 0.020994001, 1e-8);
    sbmt_params_finish(&store.params);
}
END_TEST

START_TEST(decay_multiplies_before_the_step)
{
    struct store store = make();
    real grad[32] = {0};
    for (int step = 1; step <= 10; step++)
        sbmt_adamw_update(&store.params, grad, 0.5, step, &config);
    ck_assert_double_eq_tol((double)store.params.value[0], pow(0.95, 10), 1e-6);
    ck_assert(store.params.value[store.bias->offset] == 1);
    sbmt_params_finish(&store.params);
}
END_TEST

/* Whatever is said to decay, what the optimiser has no part in stays. */
START_TEST(all_decays_but_what_is_fixed)
{
    struct store store = make();
    struct sbmt_train_config all = config;
    real grad[32] = {0};
    all.decay = SBMT_DECAY_ALL;
    sbmt_params_fix(&store.params, store.matrix);
    sbmt_params_fix(&store.params, NULL);
    for (int step = 1; step <= 10; step++)
        sbmt_adamw_update(&store.params, grad, 0.5, step, &all);
    ck_assert(store.params.value[0] == 1);
    ck_assert_double_eq_tol((double)store.params.value[store.bias->offset], pow(0.95, 10), 1e-6);
    all.decay = SBMT_DECAY_MATRICES;
    sbmt_adamw_update(&store.params, grad, 0.5, 11, &all);
    ck_assert(store.params.value[0] == 1);
    ck_assert_double_eq_tol((double)store.params.value[store.bias->offset], pow(0.95, 10), 1e-6);
    sbmt_params_finish(&store.params);
}
END_TEST

/* What a rare word leaves behind fades away. On its way to 0 it must not linger among the numbers
 * that processors are many times slower with. */
START_TEST(moments_without_gradients_become_zero)
{
    struct store store = make();
    struct sbmt_train_config fast = config;
    fast.beta2 = 0.5;
    real grad[32] = {0};
    grad[0] = SBMT_R(1e-3);
    for (int step = 1; step <= 20000; step++) {
        sbmt_adamw_update(&store.params, grad, 0.01, step, &fast);
        ck_assert_int_ne(fpclassify(store.params.moment1[0]), FP_SUBNORMAL);
        ck_assert_int_ne(fpclassify(store.params.moment2[0]), FP_SUBNORMAL);
        grad[0] = 0;
    }
    ck_assert(store.params.moment1[0] == 0 && store.params.moment2[0] == 0);
    sbmt_params_finish(&store.params);
}
END_TEST

START_TEST(norm_sums_every_number_once)
{
    real grad[37];
    double square = 0;
    for (size_t size = 0; size <= 37; size++) {
        ck_assert_double_eq_tol(sbmt_gradient_norm(grad, size), sqrt(square), 1e-12);
        if (size == 37)
            break;
        grad[size] = SBMT_R((double)size - 3.5);
        square += ((double)size - 3.5) * ((double)size - 3.5);
    }
    grad[0] = SBMT_R(3e30);
    grad[1] = SBMT_R(4e30);
    ck_assert_double_eq_tol(sbmt_gradient_norm(grad, 2), 5e30, 1e24);
}
END_TEST

START_TEST(clipping_scales_to_the_limit)
{
    real grad[] = {SBMT_R(3), SBMT_R(4)};
    ck_assert_double_eq(sbmt_gradient_clip(grad, 2, 0), 5);
    ck_assert_double_eq(sbmt_gradient_clip(grad, 2, 6), 5);
    ck_assert(grad[0] == 3 && grad[1] == 4);
    ck_assert_double_eq(sbmt_gradient_clip(grad, 2, 1), 5);
    ck_assert_double_eq_tol((double)grad[0], 3 / (5 + 1e-6), 1e-7);
    ck_assert_double_eq_tol((double)grad[1], 4 / (5 + 1e-6), 1e-7);
    grad[1] = SBMT_R(NAN);
    ck_assert(isnan(sbmt_gradient_clip(grad, 2, 1)));
    grad[1] = SBMT_R(INFINITY);
    ck_assert(isinf(sbmt_gradient_clip(grad, 2, 0)));
}
END_TEST

SBMT_SUITE_MAIN("adamw", the_first_step_is_the_sign_of_the_gradient,
                moments_and_corrections_over_three_steps, decay_multiplies_before_the_step,
                all_decays_but_what_is_fixed, moments_without_gradients_become_zero,
                norm_sums_every_number_once, clipping_scales_to_the_limit)
