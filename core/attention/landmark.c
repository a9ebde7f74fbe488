/* Attention between tokens and landmarks. */
#include "core/attention/landmark.h"

static struct sbmt_dense_attend make(const struct sbmt_head *head, int queries, struct sbmt_rows q,
                                     int keys, struct sbmt_rows k, struct sbmt_rows v)
{
    return (struct sbmt_dense_attend){
        .queries = queries,
        .keys = keys,
        .d = head->d,
        .width = head->d,
        .q = q,
        .k = k,
        .v = v,
        .scale = 1 / real_sqrt(SBMT_R(head->d)),
    };
}

struct sbmt_dense_attend sbmt_landmark_inner(const struct sbmt_head *head, int landmarks,
                                             const real *query)
{
    return make(head, landmarks, (struct sbmt_rows){query, head->d}, head->n,
                (struct sbmt_rows){head->k, head->stride},
                (struct sbmt_rows){head->v, head->stride});
}

struct sbmt_dense_attend sbmt_landmark_outer(const struct sbmt_head *head, int landmarks,
                                             const real *key, const real *value)
{
    const struct sbmt_rows queries = {head->q, head->stride};
    if (landmarks == 0)
        return make(head, head->n, queries, head->n, (struct sbmt_rows){head->k, head->stride},
                    (struct sbmt_rows){head->v, head->stride});
    return make(head, head->n, queries, landmarks, (struct sbmt_rows){key, head->d},
                (struct sbmt_rows){value, head->d});
}
