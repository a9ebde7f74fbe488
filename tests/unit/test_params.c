/* The parameter store: layout, shared names, initial values that depend on seed and name alone. */
#include "tests/suite.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/base/rng.h"
#include "core/model/params.h"

static const struct sbmt_init zero = {SBMT_INIT_ZERO, 0}, one = {SBMT_INIT_ONE, 0};
static const struct sbmt_init normal = {SBMT_INIT_NORMAL, 0.02};
static const struct sbmt_init constant = {SBMT_INIT_CONSTANT, -1.25};
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

START_TEST(a_constant_is_everywhere)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const struct sbmt_tensor *a = add(&params, "a", 3, 0, constant);
    ck_assert(sbmt_params_seal(&params, 1, &err));
    for (size_t i = 0; i < 3; i++)
        ck_assert(params.value[a->offset + i] == SBMT_R(-1.25));
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

/* The product of two rows, or columns, of a matrix of an orthogonal tensor. */
static double along(const real *matrix, int a, int b, int length, int step, int next)
{
    double sum = 0;
    for (int i = 0; i < length; i++)
        sum += (double)matrix[a * next + i * step] * (double)matrix[b * next + i * step];
    return sum;
}

/* The shorter side's vectors have the norm `scale` and are at right angles, matrix by matrix. */
START_TEST(orthogonal_matrices_are_orthonormal_times_the_scale)
{
    static const int64_t shapes[][3] = {{3, 5, 8}, {2, 40, 6}, {1, 7, 7}, {2, 1, 4}};
    const struct sbmt_init orthogonal = {SBMT_INIT_ORTHOGONAL, 1.5};
    const int64_t *shape = shapes[_i];
    const int rows = (int)shape[1], columns = (int)shape[2], size = rows * columns;
    const bool wide = rows <= columns;
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    add(&params, "before", 3, 0, one);
    const struct sbmt_tensor *t = sbmt_params_add(&params, "clusters", 3, shape, orthogonal);
    ck_assert(sbmt_params_seal(&params, 4, &err));
    const real *value = params.value + t->offset;
    for (int m = 0; m < (int)shape[0]; m++)
        for (int a = 0; a < (wide ? rows : columns); a++)
            for (int b = 0; b <= a; b++) {
                const double found = wide ? along(value + m * size, a, b, columns, 1, columns)
                                          : along(value + m * size, a, b, rows, columns, 1);
                ck_assert_double_eq_tol(found, a == b ? 1.5 * 1.5 : 0, 1e-6);
            }
    for (int m = 1; m < (int)shape[0]; m++)
        ck_assert_mem_ne(value, value + m * size, (size_t)size * sizeof *value);
    sbmt_params_finish(&params);
}
END_TEST

/* The first vector keeps the direction of the normal numbers it was made of. */
START_TEST(orthogonal_values_come_from_seed_and_name)
{
    const struct sbmt_init orthogonal = {SBMT_INIT_ORTHOGONAL, 2};
    const struct sbmt_rng_place place = {
        .seed = 9, .purpose = SBMT_RNG_INIT, .sequence = sbmt_rng_hash("clusters")};
    const struct sbmt_rng_key key = sbmt_rng_derive(&place);
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const struct sbmt_tensor *t = add(&params, "clusters", 3, 4, orthogonal);
    ck_assert(sbmt_params_seal(&params, 9, &err));
    double square = 0;
    for (uint32_t i = 0; i < 4; i++)
        square += pow(sbmt_rng_normal(key, 0, i), 2);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_double_eq_tol((double)params.value[t->offset + i],
                                2 * sbmt_rng_normal(key, 0, i) / sqrt(square), 1e-6);
    sbmt_params_finish(&params);
}
END_TEST

/* Rows of a block are at right angles; a row has the length of its own normal numbers, or the given
 * one, and the first of a block their direction. */
START_TEST(orthogonal_rows_are_at_right_angles_in_blocks)
{
    enum { HEADS = 2, ROWS = 11, COLUMNS = 4 };
    static const int64_t shape[] = {HEADS, ROWS, COLUMNS};
    const struct sbmt_init init = {SBMT_INIT_ORTHOGONAL_ROWS, _i == 0 ? 0 : 1.5};
    const struct sbmt_rng_place place = {
        .seed = 9, .purpose = SBMT_RNG_INIT, .sequence = sbmt_rng_hash("features")};
    const struct sbmt_rng_key key = sbmt_rng_derive(&place);
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const struct sbmt_tensor *t = sbmt_params_add(&params, "features", 3, shape, init);
    ck_assert(sbmt_params_seal(&params, 9, &err));
    for (int row = 0; row < HEADS * ROWS; row++) {
        const real *value = params.value + t->offset + (size_t)row * COLUMNS;
        const int in_block = row % ROWS % COLUMNS;
        double normals[COLUMNS], square = 0;
        for (int i = 0; i < COLUMNS; i++) {
            normals[i] = sbmt_rng_normal(key, 0, (uint32_t)(row * COLUMNS + i));
            square += normals[i] * normals[i];
        }
        const double length = _i == 0 ? sqrt(square) : 1.5;
        ck_assert_double_eq_tol(along(value, 0, 0, COLUMNS, 1, COLUMNS), length * length, 1e-5);
        for (int other = 1; other <= in_block; other++)
            ck_assert_double_eq_tol(along(value, 0, -other, COLUMNS, 1, COLUMNS), 0, 1e-5);
        for (int i = 0; i < COLUMNS && in_block == 0; i++)
            ck_assert_double_eq_tol((double)value[i], normals[i] / sqrt(square) * length, 1e-5);
    }
    sbmt_params_finish(&params);
}
END_TEST

START_TEST(an_exempt_tensor_does_not_decay)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const struct sbmt_tensor *a = add(&params, "a", 3, 5, normal);
    const struct sbmt_tensor *b = add(&params, "b", 3, 5, normal);
    sbmt_params_exempt(&params, b);
    sbmt_params_exempt(&params, NULL);
    ck_assert(a->decays);
    ck_assert(!b->decays);
    ck_assert(sbmt_params_seal(&params, 1, &err));
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

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {tensors_are_laid_out_in_order, 1},
        {padding_and_moments_start_at_zero, 1},
        {an_existing_name_is_shared, 1},
        {values_come_from_seed_and_name, 1},
        {a_constant_is_everywhere, 1},
        {values_follow_their_laws, 1},
        {orthogonal_matrices_are_orthonormal_times_the_scale, 4},
        {orthogonal_values_come_from_seed_and_name, 1},
        {orthogonal_rows_are_at_right_angles_in_blocks, 2},
        {an_exempt_tensor_does_not_decay, 1},
        {a_size_beyond_memory_is_an_error, 1},
    };
    return sbmt_suite_run_loops("params", tests, (int)(sizeof tests / sizeof tests[0]));
}
