/* Random numbers from counters. */
#include "core/base/rng.h"

#include <math.h>

struct sbmt_rng_key sbmt_rng_derive(const struct sbmt_rng_place *place)
{
    /* Two Philox blocks chain the fields into a key: the first under the seed, the second under the
     * first's output, so every field passes through ten full rounds. */
    const struct sbmt_rng_key seed = {{(uint32_t)place->seed, (uint32_t)(place->seed >> 32)}};
    const uint32_t where[4] = {(uint32_t)place->purpose, place->step, place->layer, place->head};
    uint32_t mixed[4];
    sbmt_philox(where, seed, mixed);
    const uint32_t what[4] = {(uint32_t)place->sequence, (uint32_t)(place->sequence >> 32),
                              mixed[2], mixed[3]};
    uint32_t out[4];
    sbmt_philox(what, (struct sbmt_rng_key){{mixed[0], mixed[1]}}, out);
    return (struct sbmt_rng_key){{out[0], out[1]}};
}

uint32_t sbmt_rng_bits(struct sbmt_rng_key key, uint32_t row, uint32_t index)
{
    const uint32_t counter[4] = {index / 4, row, 0, 0};
    uint32_t out[4];
    sbmt_philox(counter, key, out);
    return out[index % 4];
}

uint32_t sbmt_rng_below(struct sbmt_rng_key key, uint32_t row, uint32_t index, uint32_t bound)
{
    const uint64_t high = sbmt_rng_bits(key, row, 2 * index);
    const uint64_t low = sbmt_rng_bits(key, row, 2 * index + 1);
    /* The high word of a 64 × 32-bit product. */
    return (uint32_t)((high * bound + ((low * bound) >> 32)) >> 32);
}

/* A point of the plane with independent normal coordinates, numbers first and first+1 of a row. */
struct polar {
    double radius, angle;
};

static struct polar normal_point(struct sbmt_rng_key key, uint32_t row, uint32_t first)
{
    const double pi = 3.14159265358979323846;
    const uint32_t counter[4] = {first / 4, row, 0, 0};
    uint32_t bits[4];
    sbmt_philox(counter, key, bits);
    const double u = ((double)bits[first % 4] + 0.5) * 0x1p-32;
    const double v = (double)bits[first % 4 + 1] * 0x1p-32;
    return (struct polar){sqrt(-2.0 * log(u)), 2.0 * pi * v};
}

double sbmt_rng_normal(struct sbmt_rng_key key, uint32_t row, uint32_t index)
{
    const struct polar point = normal_point(key, row, index & ~(uint32_t)1);
    return point.radius * (index % 2 == 0 ? cos(point.angle) : sin(point.angle));
}

void sbmt_rng_normals(struct sbmt_rng_key key, uint32_t row, int count, real *out)
{
    for (int i = 0; i < count; i += 2) {
        const struct polar point = normal_point(key, row, (uint32_t)i);
        out[i] = SBMT_R(point.radius * cos(point.angle));
        if (i + 1 < count)
            out[i + 1] = SBMT_R(point.radius * sin(point.angle));
    }
}

void sbmt_rng_permutation(struct sbmt_rng_key key, int count, int *order)
{
    for (int i = 0; i < count; i++)
        order[i] = i;
    for (int i = count - 1; i > 0; i--) {
        const int j = (int)sbmt_rng_below(key, 0, (uint32_t)i, (uint32_t)i + 1);
        const int swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}

uint64_t sbmt_rng_hash(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (const char *c = text; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3U;
    return hash;
}
