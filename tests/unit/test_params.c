/* The parameter store: layout, shared names, initial values that depend on seed and name alone. */
#include "tests/suite.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/base/rng.h"
#include "core/model/params.h"

static const struct sbmt_init zero = {SBMT_INIT_ZERO, 0}, one = {SBMT_INIT_ONE, 0};
static const struct sbmt_init normal = {SBMT_INIT_NORMAL, 0.02};
static const struct sbmt_init uniform = {SBMT_INIT_UNIFORM, 0.5};

static const struct sbmt_tensor *add(struct sbmt_params *params, const char *name, int rows,
                                     int columns, struct sbmt_init init)
{
    const int64_t shape[] = {rows, columns};
    return sbmt_params_add(params, name, columns == 0 ? 1 : 2, shape, init);
}

START_TEST(tensors_are_laid_out_in_order)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    char name[] = "first";
    const struct sbmt_tensor *a = add(&params, name, 3, 5, normal);
    name[0] = 'x'; /* the store keeps a copy */
    const struct sbmt_tensor *b = add(&params, "second", 16, 0, one);
    const struct sbmt_tensor *c = add(&params, "third", 17, 0, uniform);
    ck_assert(sbmt_params_seal(&params, 1, &err));
    ck_assert_int_eq(params.count, 3);
    ck_assert_str_eq(a->name, "first");
    ck_assert_uint_eq(a->size, 15);
    ck_assert_uint_eq(a->offset, 0);
    ck_assert_uint_eq(b->offset, 16);
    ck_assert_uint_eq(c->offset, 32);
    ck_assert_uint_eq(params.size, 64);
    ck_assert_int_eq(a->rank, 2);
    ck_assert_int_eq(a->shape[1], 5);
    ck_assert(a->decays);
    ck_assert(!b->decays);
    ck_assert(params.first == a && a->next == b && b->next == c && params.last == c);
    ck_assert_uint_eq((uintptr_t)params.value % 64, 0);
    ck_assert_uint_eq((uintptr_t)params.moment1 % 64, 0);
    ck_assert_uint_eq((uintptr_t)params.moment2 % 64, 0);
    ck_assert(sbmt_params_find(&params, "second") == b);
    ck_assert_ptr_null(sbmt_params_find(&params, "xirst"));
    sbmt_params_finish(&params);
    ck_assert_ptr_null(params.value);
}
END_TEST

START_TEST(padding_and_moments_start_at_zero)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    add(&params, "a", 3, 0, one);
    add(&params, "b", 5, 4, normal);
    ck_assert(sbmt_params_seal(&params, 1, &err));
    for (size_t i = 0; i < 16; i++)
        ck_assert(params.value[i] == (i < 3 ? 1 : 0));
    for (size_t i = 16; i < 36; i++)
        ck_assert(params.value[i] != 0);
    for (size_t i = 36; i < params.size; i++)
        ck_assert(params.value[i] == 0);
    for (size_t i = 0; i < params.size; i++)
        ck_assert(params.moment1[i] == 0 && params.moment2[i] == 0);
    sbmt_params_finish(&params);
}
END_TEST

START_TEST(an_existing_name_is_shared)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const struct sbmt_tensor *a = add(&params, "a", 3, 5, normal);
    ck_assert(add(&params, "a", 3, 5, normal) == a);
    ck_assert_int_eq(params.count, 1);
    ck_assert(sbmt_params_seal(&params, 1, &err));
    ck_assert_uint_eq(params.size, 16);
    sbmt_params_finish(&params);
}
END_TEST

/* Numbers are those of the key of (seed, name), rounded from double. */
START_TEST(values_come_from_seed_and_name)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const uint64_t seed = 42;
    add(&params, "before", 100, 0, zero);
    const struct sbmt_tensor *a = add(&params, "layer0.weight", 7, 9, normal);
    const struct sbmt_tensor *b = add(&params, "layer1.weight", 7, 9, uniform);
    ck_assert(sbmt_params_seal(&params, seed, &err));
    struct sbmt_rng_place place = {
        .seed = seed, .purpose = SBMT_RNG_INIT, .sequence = sbmt_rng_hash("layer0.weight")};
    struct sbmt_rng_key key = sbmt_rng_derive(&place);
    for (uint32_t i = 0; i < 63; i++)
        ck_assert(params.value[a->offset + i] == SBMT_R(0.02 * sbmt_rng_normal(key, 0, i)));
    place.sequence = sbmt_rng_hash("layer1.weight");
    key = sbmt_rng_derive(&place);
    for (uint32_t i = 0; i < 63; i++) {
        const double unit = (sbmt_rng_bits(key, 0, i) + 0.5) / 4294967296.0;
        ck_assert(params.value[b->offset + i] == SBMT_R(0.5 * (2 * unit - 1)));
    }
    struct sbmt_params other = {0};
    const struct sbmt_tensor *alone = add(&other, "layer0.weight", 7, 9, normal);
    ck_assert(sbmt_params_seal(&other, seed, &err));
    ck_assert_mem_eq(other.value + alone->offset, params.value + a->offset, 63 * sizeof(real));
    sbmt_params_finish(&other);
    add(&other, "layer0.weight", 7, 9, normal);
    ck_assert(sbmt_params_seal(&other, seed + 1, &err));
    ck_assert_mem_ne(other.value, params.value + a->offset, 63 * sizeof(real));
    sbmt_params_finish(&other);
    sbmt_params_finish(&params);
}
END_TEST

/* Bounds are five standard errors of the named laws. */
START_TEST(values_follow_their_laws)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const int count = 100000;
    const struct sbmt_tensor *tensors[] = {add(&params, "n", count, 0, normal),
                                           add(&params, "u", count, 0, uniform)};
    const double variance[] = {0.02 * 0.02, 0.25 / 3}, kurtosis[] = {3, 1.8};
    ck_assert(sbmt_params_seal(&params, 3, &err));
    for (int t = 0; t < 2; t++) {
        double sum = 0, square = 0, largest = 0;
        for (int i = 0; i < count; i++) {
            const double x = (double)params.value[tensors[t]->offset + (size_t)i];
            sum += x;
            square += x * x;
            largest = fmax(largest, fabs(x));
        }
        ck_assert_double_lt(fabs(sum / count), 5 * sqrt(variance[t] / count));
        ck_assert_double_lt(fabs(square / count / variance[t] - 1),
                            5 * sqrt((kurtosis[t] - 1) / count));
        if (t == 1)
            ck_assert_double_le(largest, 0.5);
    }
    sbmt_params_finish(&params);
}
END_TEST

START_TEST(a_size_beyond_memory_is_an_error)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const int64_t shape[] = {(int64_t)1 << 40, (int64_t)1 << 40};
    ck_assert_ptr_null(sbmt_params_add(&params, "huge", 2, shape, zero));
    ck_assert(!sbmt_params_seal(&params, 1, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
    ck_assert_ptr_nonnull(strstr(err.message, "model parameters"));
    sbmt_params_finish(&params);
    params = (struct sbmt_params){.arena.limit = 1 << 20};
    add(&params, "large", 1000, 1000, zero);
    ck_assert(!sbmt_params_seal(&params, 1, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
    sbmt_params_finish(&params);
}
END_TEST

SBMT_SUITE_MAIN("params", tensors_are_laid_out_in_order, padding_and_moments_start_at_zero,
                an_existing_name_is_shared, values_come_from_seed_and_name,
                values_follow_their_laws, a_size_beyond_memory_is_an_error)
