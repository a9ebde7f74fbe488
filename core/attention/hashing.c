/* Locality-sensitive hashing by random rotations. */
#include "core/attention/hashing.h"

/* Vectors rotated at a time: what they become stays in cache. */
enum { TILE_ROWS = 48 };

/* The place of the largest of [y, −y], both of `half` numbers; the first of equals. */
static int32_t largest_of_both_signs(int half, const real *y)
{
    int most = 0, least = 0;
    for (int j = 1; j < half; j++) {
        most = y[j] > y[most] ? j : most;
        least = y[j] < y[least] ? j : least;
    }
    return y[most] >= -y[least] ? most : half + least;
}

static bool find_buckets(const struct sbmt_hashing *hashing, int round, int32_t *bucket,
                         struct sbmt_arena *scratch)
{
    const int half = hashing->buckets / 2, stride = hashing->x.stride;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    real *rotation = sbmt_arena_reals(scratch, (size_t)hashing->d * (size_t)half);
    real *rotated = sbmt_arena_reals(scratch, TILE_ROWS * (size_t)half);
    if (scratch->failed)
        return false;
    sbmt_rng_normals(hashing->key, (uint32_t)round, hashing->d * half, rotation);
    for (int first = 0; first < hashing->n; first += TILE_ROWS) {
        const int rest = hashing->n - first, rows = rest < TILE_ROWS ? rest : TILE_ROWS;
        hashing->kernels->product(rows, half, hashing->d, false,
                                  hashing->x.x + (size_t)first * (size_t)stride, stride, 1,
                                  rotation, half, rotated, half);
        for (int i = 0; i < rows; i++)
            bucket[first + i] = largest_of_both_signs(half, rotated + (size_t)i * (size_t)half);
    }
    sbmt_arena_release(scratch, mark);
    return true;
}

bool sbmt_hashing_order(const struct sbmt_hashing *hashing, int round, int32_t *order,
                        struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    int32_t *bucket = sbmt_arena_alloc(scratch, (size_t)hashing->n * sizeof *bucket);
    int32_t *begin = sbmt_arena_zalloc(scratch, (size_t)hashing->buckets + 1, sizeof *begin);
    if (scratch->failed || !find_buckets(hashing, round, bucket, scratch))
        return false;
    for (int i = 0; i < hashing->n; i++)
        begin[bucket[i] + 1]++;
    for (int b = 0; b < hashing->buckets; b++)
        begin[b + 1] += begin[b];
    for (int i = 0; i < hashing->n; i++)
        order[begin[bucket[i]]++] = i;
    sbmt_arena_release(scratch, mark);
    return true;
}
