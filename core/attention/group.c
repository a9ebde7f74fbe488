/* Softmax attention in groups of tokens. */
#include "core/attention/group.h"

#include <string.h>

bool sbmt_grouping_init(struct sbmt_grouping *grouping, bool backward)
{
    struct sbmt_dense_attend *attend = &grouping->attend;
    struct sbmt_arena *scratch = grouping->scratch;
    const int d = attend->d;
    const size_t queries = (size_t)grouping->most_queries * (size_t)d;
    const size_t pairs = 2 * (size_t)grouping->most_keys * (size_t)d;
    grouping->query = sbmt_arena_reals(scratch, queries);
    grouping->pair = sbmt_arena_reals(scratch, pairs);
    if (backward) {
        grouping->dout = sbmt_arena_reals(scratch, queries);
        grouping->dquery = sbmt_arena_reals(scratch, queries);
        grouping->dpair = sbmt_arena_reals(scratch, pairs);
    }
    if (scratch->failed)
        return false;
    attend->width = d;
    attend->q = (struct sbmt_rows){grouping->query, d};
    attend->k = (struct sbmt_rows){grouping->pair, 2 * d};
    attend->v = (struct sbmt_rows){grouping->pair + d, 2 * d};
    return true;
}

void sbmt_rows_gather(int count, int d, const int32_t *row, struct sbmt_rows x, real *packed)
{
    for (int i = 0; i < count; i++)
        memcpy(packed + (size_t)i * (size_t)d, x.x + (size_t)row[i] * (size_t)x.stride,
               (size_t)d * sizeof *packed);
}

/* The given rows of `to` += packed (count, d). */
static void scatter(int count, int d, const int32_t *row, const real *packed, real *to, int stride)
{
    for (int i = 0; i < count; i++) {
        const real *from = packed + (size_t)i * (size_t)d;
        real *sum = to + (size_t)row[i] * (size_t)stride;
        for (int j = 0; j < d; j++)
            sum[j] += from[j];
    }
}

static void enter(struct sbmt_grouping *grouping, const struct sbmt_group *group,
                  uint32_t dropout_row)
{
    struct sbmt_dense_attend *attend = &grouping->attend;
    const int d = attend->d;
    const struct sbmt_rows pairs = {grouping->pairs, 2 * d};
    attend->queries = group->queries;
    attend->keys = group->keys;
    attend->dropout_row = dropout_row;
    sbmt_rows_gather(group->queries, d, group->query, grouping->queries, grouping->query);
    sbmt_rows_gather(group->keys, 2 * d, group->key, pairs, grouping->pair);
}

bool sbmt_grouping_forward(struct sbmt_grouping *grouping, const struct sbmt_group *group,
                           uint32_t dropout_row, real *out, real *log_sum)
{
    enter(grouping, group, dropout_row);
    return sbmt_dense_attend_forward(&grouping->attend, grouping->kernels, out, grouping->attend.d,
                                     log_sum, grouping->scratch);
}

bool sbmt_grouping_backward(struct sbmt_grouping *grouping, const struct sbmt_group *group,
                            uint32_t dropout_row, const real *out, const real *log_sum,
                            real *dqueries, real *dpairs)
{
    const int d = grouping->attend.d;
    enter(grouping, group, dropout_row);
    memset(grouping->dquery, 0, (size_t)group->queries * (size_t)d * sizeof(real));
    memset(grouping->dpair, 0, 2 * (size_t)group->keys * (size_t)d * sizeof(real));
    const struct sbmt_rows packed_out = {out, d}, dout = {grouping->dout, d};
    const struct sbmt_dense_grad to = {
        .dq = grouping->dquery, .dk = grouping->dpair, .dv = grouping->dpair + d};
    if (!sbmt_dense_attend_backward(&grouping->attend, grouping->kernels, packed_out, log_sum, dout,
                                    &to, grouping->scratch))
        return false;
    scatter(group->queries, d, group->query, grouping->dquery, dqueries, grouping->queries.stride);
    scatter(group->keys, 2 * d, group->key, grouping->dpair, dpairs, 2 * d);
    return true;
}
