/* Vector kernels that go from candidate to candidate along a row. Part of vector_kernels.h. */
#ifndef SBMT_CORE_KERNELS_VECTOR_SKIPS_H
#define SBMT_CORE_KERNELS_VECTOR_SKIPS_H

#include "core/kernels/vector_rows.h"

/* The place of lane `lane` among the `count` (< LANES) that there still are; the first again where
 * there is none. */
static inline int few_lanes(int lane, int count)
{
    return lane < count ? lane : 0;
}

/* A gap beyond the row is as good as one to its end, so that sums of LANES gaps cannot overflow. */
static inline ivec skip_lanes(const float *wait, vec per_gap, vec most, ivec at)
{
    const ivec gap = i_whole(v_min(v_mul(v_load(wait), per_gap), most));
    return i_add(at, i_running_sum(i_add(gap, i_set(1))));
}

static int skip(int count, const float *wait, float per_gap, int limit, int *at, int32_t *columns)
{
    const vec by = v_set(per_gap), most = v_set((float)limit);
    int found = 0;
    for (int i = 0; i < count; i += LANES) {
        float few[LANES];
        const int lanes = count - i < LANES ? count - i : LANES;
        const float *from = wait + i;
        if (lanes < LANES) {
            for (int lane = 0; lane < LANES; lane++)
                few[lane] = wait[i + few_lanes(lane, lanes)];
            from = few;
        }
        const ivec column = skip_lanes(from, by, most, i_set((uint32_t)*at));
        const unsigned in = i_less_mask(column, i_set((uint32_t)limit)) & ((1U << lanes) - 1);
        const int more = __builtin_popcount(in); /* columns ascend, so these come first */
        i_store(columns + found, column);
        found += more;
        if (more > 0)
            *at = columns[found - 1];
        if (more < lanes)
            break;
    }
    return found;
}

/* The lanes of `in` that thinning keeps, stored behind `kept`; returns how many. */
static inline int thin_lanes(unsigned in, const int32_t *from, const uint32_t *bits,
                             const float *along, const struct sbmt_thinning *by, int kept,
                             int32_t *columns, struct sbmt_unsure *unsure)
{
    const ivec column = i_load(from);
    const vec level = v_mul(v_units(bits), v_set(by->cap));
    const vec x = v_mul(v_set(by->scale), v_gather(along, column));
    const unsigned keep = v_less_mask(level, v_add(x, v_set(by->high))) & in;
    const unsigned doubt = keep & ~v_less_mask(level, v_add(x, v_set(by->low)));
    i_store_chosen(columns + kept, keep, column);
    if (doubt != 0) {
        float levels[LANES];
        v_store(levels, level);
        for (unsigned rest = doubt; rest != 0; rest &= rest - 1) {
            const int lane = __builtin_ctz(rest);
            const int place = kept + __builtin_popcount(keep & ((1U << lane) - 1));
            unsure->column[unsure->count] = columns[place];
            unsure->place[unsure->count] = place;
            unsure->level[unsure->count++] = levels[lane];
        }
    }
    return __builtin_popcount(keep);
}

static int thin(int count, int32_t *columns, const uint32_t *bits, const float *along,
                const struct sbmt_thinning *by, struct sbmt_unsure *unsure)
{
    const unsigned all = (1U << LANES) - 1;
    int kept = 0, e = 0;
    unsure->count = 0;
    for (; e + LANES <= count; e += LANES)
        kept += thin_lanes(all, columns + e, bits + e, along, by, kept, columns, unsure);
    if (e < count) {
        int32_t few[LANES];
        uint32_t words[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            few[lane] = columns[e + few_lanes(lane, count - e)];
            words[lane] = bits[e + few_lanes(lane, count - e)];
        }
        kept += thin_lanes((1U << (count - e)) - 1, few, words, along, by, kept, columns, unsure);
    }
    return kept;
}

#endif
