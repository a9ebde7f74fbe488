/* The parameter store. */
#include "core/model/params.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/rng.h"
#include "core/nn/orthogonal.h"

/* Offsets are multiples of this many reals: 64 bytes of floats. */
enum { OFFSET_UNIT = 16 };

/* The product of a shape; 0 where it does not fit into memory. */
static size_t shape_size(int rank, const int64_t *shape)
{
    size_t size = 1;
    for (int i = 0; i < rank; i++) {
        assert(shape[i] > 0);
        const size_t extent = (size_t)shape[i];
        if (size > SIZE_MAX / sizeof(real) / 4 / extent)
            return 0;
        size *= extent;
    }
    return size;
}

static bool is_orthogonal(struct sbmt_init init)
{
    return init.kind == SBMT_INIT_ORTHOGONAL || init.kind == SBMT_INIT_ORTHOGONAL_ROWS;
}

static bool same_shape(const struct sbmt_tensor *tensor, int rank, const int64_t *shape)
{
    return tensor->rank == rank && memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) == 0;
}

const struct sbmt_tensor *sbmt_params_add(struct sbmt_params *params, const char *name, int rank,
                                          const int64_t *shape, struct sbmt_init init)
{
    assert(rank >= 1 && rank <= 4);
    assert(rank >= 2 || !is_orthogonal(init));
    assert(params->value == NULL);
    const struct sbmt_tensor *existing = sbmt_params_find(params, name);
    if (existing != NULL) {
        const bool same = same_shape(existing, rank, shape);
        assert(same);
        (void)same;
        return existing;
    }
    const size_t size = shape_size(rank, shape);
    /* A size that cannot be fails as an allocation, so that sealing reports both alike. */
    struct sbmt_tensor *tensor = sbmt_arena_zalloc(&params->arena, size == 0 ? SIZE_MAX : 1,
                                                   sizeof *tensor);
    char *copy = sbmt_arena_strdup(&params->arena, name);
    if (tensor == NULL || copy == NULL)
        return NULL;
    *tensor = (struct sbmt_tensor){.name = copy,
                                   .rank = rank,
                                   .size = size,
                                   .offset = params->size,
                                   .init = init,
                                   .decays = rank >= 2};
    memcpy(tensor->shape, shape, (size_t)rank * sizeof *shape);
    if (params->last == NULL)
        params->first = tensor;
    else
        params->last->next = tensor;
    params->last = tensor;
    params->count++;
    params->size += (size + OFFSET_UNIT - 1) / OFFSET_UNIT * OFFSET_UNIT;
    return tensor;
}

const struct sbmt_tensor *sbmt_params_add_under(struct sbmt_params *params, const char *prefix,
                                                const char *name, int rank, const int64_t *shape,
                                                struct sbmt_init init)
{
    char full[256];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    return sbmt_params_add(params, full, rank, shape, init);
}

const struct sbmt_tensor *sbmt_params_find(const struct sbmt_params *params, const char *name)
{
    for (const struct sbmt_tensor *t = params->first; t != NULL; t = t->next)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

void sbmt_params_exempt(struct sbmt_params *params, const struct sbmt_tensor *tensor)
{
    for (struct sbmt_tensor *t = params->first; t != NULL; t = t->next)
        if (t == tensor)
            t->decays = false;
}

void sbmt_params_fix(struct sbmt_params *params, const struct sbmt_tensor *tensor)
{
    for (struct sbmt_tensor *t = params->first; t != NULL; t = t->next)
        if (t == tensor)
            t->fixed = true;
}

/* Every matrix of the last two axes from its own numbers of the key. */
static bool fill_matrices(const struct sbmt_tensor *tensor, struct sbmt_rng_key key, real *value,
                          struct sbmt_arena *arena)
{
    const int64_t rows = tensor->shape[tensor->rank - 2], columns = tensor->shape[tensor->rank - 1];
    const size_t size = (size_t)rows * (size_t)columns;
    const bool by_rows = tensor->init.kind == SBMT_INIT_ORTHOGONAL_ROWS;
    const double scale = tensor->init.scale;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(arena);
    double *work = sbmt_arena_zalloc(arena, by_rows ? sbmt_orthogonal_rows_work(columns) : size,
                                     sizeof *work);
    if (work == NULL)
        return false;
    for (size_t first = 0; first < tensor->size; first += size)
        (by_rows ? sbmt_orthogonal_rows : sbmt_orthogonal_matrix)(rows, columns, scale, key, first,
                                                                  work, value + first);
    sbmt_arena_release(arena, mark);
    return true;
}

/* Sines in even columns, cosines of the same angles in odd ones. */
static double sinusoid(int64_t position, int64_t column, int64_t dim)
{
    const double angle = (double)position *
                         pow(10000, -(double)(column - column % 2) / (double)dim);
    return column % 2 == 0 ? sin(angle) : cos(angle);
}

/* Computed in double and rounded once: float and double builds start from the same numbers. */
static bool fill(const struct sbmt_tensor *tensor, uint64_t seed, real *value,
                 struct sbmt_arena *arena)
{
    const struct sbmt_rng_place place = {
        .seed = seed, .purpose = SBMT_RNG_INIT, .sequence = sbmt_rng_hash(tensor->name)};
    const struct sbmt_rng_key key = sbmt_rng_derive(&place);
    const double scale = tensor->init.scale;
    if (is_orthogonal(tensor->init))
        return fill_matrices(tensor, key, value, arena);
    for (size_t i = 0; i < tensor->size; i++) {
        /* Indices have 32 bits; larger tensors go on in the next row. */
        const uint32_t row = (uint32_t)((uint64_t)i >> 32), index = (uint32_t)i;
        switch (tensor->init.kind) {
        case SBMT_INIT_ZERO:
        case SBMT_INIT_ORTHOGONAL:
        case SBMT_INIT_ORTHOGONAL_ROWS:
            break;
        case SBMT_INIT_ONE:
            value[i] = 1;
            break;
        case SBMT_INIT_CONSTANT:
            value[i] = SBMT_R(scale);
            break;
        case SBMT_INIT_NORMAL:
            value[i] = SBMT_R(scale * sbmt_rng_normal(key, row, index));
            break;
        case SBMT_INIT_UNIFORM:
            value[i] = SBMT_R(scale * ((sbmt_rng_bits(key, row, index) + 0.5) * 0x1p-31 - 1));
            break;
        case SBMT_INIT_SINUSOIDAL:
            value[i] = SBMT_R(sinusoid((int64_t)i / tensor->shape[1], (int64_t)i % tensor->shape[1],
                                       tensor->shape[1]));
            break;
        }
    }
    return true;
}

bool sbmt_params_seal(struct sbmt_params *params, uint64_t seed, struct sbmt_error *err)
{
    assert(params->value == NULL);
    real *value = sbmt_arena_zalloc(&params->arena, params->size, sizeof(real));
    params->moment1 = sbmt_arena_zalloc(&params->arena, params->size, sizeof(real));
    params->moment2 = sbmt_arena_zalloc(&params->arena, params->size, sizeof(real));
    if (!sbmt_arena_check(&params->arena, "model parameters", err))
        return false;
    for (const struct sbmt_tensor *t = params->first; t != NULL; t = t->next)
        if (!fill(t, seed, value + t->offset, &params->arena))
            return sbmt_arena_check(&params->arena, "model parameters", err);
    params->value = value;
    return true;
}

void sbmt_params_finish(struct sbmt_params *params)
{
    sbmt_arena_finish(&params->arena);
    *params = (struct sbmt_params){0};
}
