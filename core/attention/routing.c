/* Routing attention (Roy et al. 2020, arXiv 2003.05997, section 4.1 and algorithm 1), the
 * encoder's: without causality, queries and keys apart. The paper's other heads, of local
 * attention, are a kind of their own.
 *
 * Queries and keys are normalised over a head's columns, without scale and bias. Each of a head's
 * centroids takes the `window` queries and the `window` keys with the largest dot products, and
 * those queries attend to those keys. A token that several clusters took has the mean of their
 * outputs, one that none took has 0. Where paper and published code (google-research,
 * routing_transformer) differ, this is the code:
 *
 * - Scores are dot products of the normalised vectors. The code divides queries by √d before it
 *   normalises them, which undoes it. Option `scaled` divides the scores.
 * - The code's mean divides by the number of clusters + 0.01, to avoid 0/0; this is the mean.
 *
 * Centroids. Selection has no gradient. The code moves each centroid to the moving average of the
 * queries and keys that are nearest to it (by dot product), outside of the gradients, or, with its
 * option ema off, learns them by a loss. Here parameters move by the optimiser alone, so it is that
 * loss:  centroid_weight/2 · mean over a sequence's queries and keys x of ‖x − μ_nearest(x)‖²,
 * averaged over the batch as the loss is, with x held fixed. Its gradient by μ_c is centroid_weight
 * times the share of vectors nearest to μ_c times (μ_c − their mean): it pulls to the same place,
 * at a speed that the optimiser and its schedule decide, AdamW's being nearly the same for any
 * weight. The code's small pull of queries and keys to the centroids (its beta, 1e-4) is left out.
 * Centroids start as normal numbers; the code normalises them too, which changes no selection, as
 * neither their length nor their mean does. */
#include <string.h>

#include "core/attention/attention.h"
#include "core/attention/centroids.h"
#include "core/attention/group.h"
#include "core/nn/layernorm.h"

/* Of the norms of queries and keys. */
static const double epsilon = 1e-5;

struct config {
    int clusters, window;
    bool scaled;
    double centroid_weight;
};

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, clusters, 16, 1, 4096, "centroids of a head"),
    SBMT_INT(ROW, window, 128, 1, 65536,
             "queries and keys that a centroid takes; all of a sequence that has no more"),
    SBMT_BOOL(ROW, scaled, false,
              "divide scores by the root of the head dim, which the published code does not"),
    SBMT_NUMBER(
        ROW, centroid_weight, 1, 0, 1e6,
        "weight of the loss that pulls centroids to the mean of what is nearest to them; 0: "
        "they stay as they start"),
    SBMT_FIELDS_END,
};
#undef ROW

struct state {
    const struct sbmt_tensor *centroids; /* (heads, clusters, d) */
};

static bool init(const void *config_in, const struct sbmt_attention_shape *shape,
                 const char *prefix, struct sbmt_params *params, void *state_in,
                 struct sbmt_error *err)
{
    (void)err;
    const struct config *config = config_in;
    struct state *state = state_in;
    const int64_t cube[3] = {shape->heads, config->clusters, shape->d};
    const struct sbmt_init normal = {SBMT_INIT_NORMAL, 1};
    state->centroids = sbmt_params_add_under(params, prefix, "centroids", 3, cube, normal);
    sbmt_params_fix(params, state->centroids);
    return true;
}

/* Which tokens the clusters took, and what forward leaves for backward. */
struct saved {
    int clusters, window; /* where all would hold all tokens, one cluster */
    int32_t *query, *key; /* (clusters, window) tokens, ascending */
    real *out, *log_sum;  /* (clusters, window, d) and (clusters, window) */
};

/* One head's work in either direction. */
struct work {
    const struct saved *saved;
    struct sbmt_grouping grouping;
    real *query;                 /* (n, d) normalised */
    real *pairs;                 /* (n, 2d) normalised keys, and values */
    real *query_rate, *key_rate; /* (n) 1/deviation */
    real *share;                 /* (n) 1/(clusters that took the query) */
};

static struct sbmt_group group_of(const struct saved *saved, int cluster)
{
    const size_t at = (size_t)cluster * (size_t)saved->window;
    return (struct sbmt_group){saved->window, saved->window, saved->query + at, saved->key + at};
}

static void normalise(const struct work *work, const struct sbmt_head *head)
{
    const struct sbmt_kernels *kernels = work->grouping.kernels;
    const int d = head->d;
    for (int i = 0; i < head->n; i++) {
        const size_t row = (size_t)i * (size_t)head->stride;
        real *pair = work->pairs + 2 * (size_t)i * (size_t)d;
        work->query_rate[i] = sbmt_layernorm_row(kernels, d, epsilon, head->q + row,
                                                 work->query + (size_t)i * (size_t)d);
        work->key_rate[i] = sbmt_layernorm_row(kernels, d, epsilon, head->k + row, pair);
        memcpy(pair + d, head->v + row, (size_t)d * sizeof *pair);
    }
}

static bool work_init(struct work *work, const struct config *config, const struct saved *saved,
                      const struct sbmt_head *head, struct sbmt_pass *pass, bool backward)
{
    const size_t n = (size_t)head->n, d = (size_t)head->d;
    *work = (struct work){
        .saved = saved,
        .query = sbmt_arena_reals(pass->scratch, n * d),
        .pairs = sbmt_arena_reals(pass->scratch, 2 * n * d),
        .query_rate = sbmt_arena_reals(pass->scratch, n),
        .key_rate = sbmt_arena_reals(pass->scratch, n),
        .share = sbmt_arena_zalloc(pass->scratch, n, sizeof *work->share),
    };
    work->grouping = (struct sbmt_grouping){
        .kernels = pass->kernels,
        .scratch = pass->scratch,
        .most_queries = saved->window,
        .most_keys = saved->window,
        .queries = {work->query, head->d},
        .pairs = work->pairs,
        .attend = {.d = head->d,
                   .scale = config->scaled ? 1 / real_sqrt(SBMT_R(head->d)) : 1,
                   .dropout = sbmt_dropout_make(pass->training ? head->dropout : 0),
                   .key = sbmt_pass_key(pass, SBMT_RNG_ATTENTION, head->index)},
    };
    if (!sbmt_grouping_init(&work->grouping, backward))
        return false;
    normalise(work, head);
    return true;
}

static bool take(const struct work *work, const real *centroids, int n)
{
    const struct saved *saved = work->saved;
    const int d = work->grouping.attend.d;
    const struct sbmt_centroids all = {centroids, saved->clusters, d};
    const struct sbmt_rows queries = {work->query, d}, keys = {work->pairs, 2 * d};
    struct sbmt_arena *scratch = work->grouping.scratch;
    return sbmt_centroids_take(&all, n, queries, saved->window, saved->query, scratch) &&
           sbmt_centroids_take(&all, n, keys, saved->window, saved->key, scratch);
}

/* Each taken query's share in the mean. */
static void make_shares(const struct work *work, int n)
{
    const size_t places = (size_t)work->saved->clusters * (size_t)work->saved->window;
    for (size_t p = 0; p < places; p++)
        work->share[work->saved->query[p]] += 1;
    for (int i = 0; i < n; i++)
        work->share[i] = work->share[i] > 0 ? 1 / work->share[i] : 0;
}

static bool saved_init(struct saved *saved, const struct config *config,
                       const struct sbmt_head *head, struct sbmt_arena *arena)
{
    const bool whole = head->n <= config->window;
    saved->clusters = whole ? 1 : config->clusters;
    saved->window = whole ? head->n : config->window;
    const size_t places = (size_t)saved->clusters * (size_t)saved->window;
    saved->query = sbmt_arena_alloc(arena, places * sizeof *saved->query);
    saved->key = sbmt_arena_alloc(arena, places * sizeof *saved->key);
    saved->out = sbmt_arena_reals(arena, places * (size_t)head->d);
    saved->log_sum = sbmt_arena_reals(arena, places);
    return !arena->failed;
}

static void add_outputs(const struct work *work, const struct sbmt_group *group, const real *packed,
                        real *out, int stride)
{
    const int d = work->grouping.attend.d;
    for (int i = 0; i < group->queries; i++) {
        const real share = work->share[group->query[i]];
        real *sum = out + (size_t)group->query[i] * (size_t)stride;
        for (int j = 0; j < d; j++)
            sum[j] += share * packed[(size_t)i * (size_t)d + (size_t)j];
    }
}

static bool forward(const void *config, const void *state_in, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    const struct state *state = state_in;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const int n = head->n, d = head->d;
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    struct work work;
    if (saved == NULL || !saved_init(saved, config, head, pass->saved) ||
        !work_init(&work, config, saved, head, pass, false) ||
        !take(&work, pass->value + sbmt_tensor_part(state->centroids, head->index), head->n))
        return sbmt_pass_check(pass, "routing attention", err);
    make_shares(&work, n);
    for (int i = 0; i < n; i++)
        memset(out + (size_t)i * (size_t)head->stride, 0, (size_t)d * sizeof *out);
    for (int c = 0; c < saved->clusters; c++) {
        const struct sbmt_group group = group_of(saved, c);
        const size_t at = (size_t)c * (size_t)saved->window;
        real *packed = saved->out + at * (size_t)d;
        if (!sbmt_grouping_forward(&work.grouping, &group, (uint32_t)at, packed,
                                   saved->log_sum + at))
            return sbmt_pass_check(pass, "routing attention", err);
        add_outputs(&work, &group, packed, out, head->stride);
        pass->stats->edges += (double)group.queries * group.keys;
    }
    sbmt_arena_release(pass->scratch, mark);
    *saved_out = saved;
    return true;
}

/* The gradients of a cluster's outputs: its shares in those of the tokens. */
static void gather_gradients(const struct work *work, const struct sbmt_group *group,
                             struct sbmt_rows dout)
{
    const int d = work->grouping.attend.d;
    real *packed = work->grouping.dout;
    sbmt_rows_gather(group->queries, d, group->query, dout, packed);
    for (int i = 0; i < group->queries; i++)
        for (int j = 0; j < d; j++)
            packed[(size_t)i * (size_t)d + (size_t)j] *= work->share[group->query[i]];
}

/* From normalised queries and keys to those of the head, and to values. */
static void normalise_backward(const struct work *work, const struct sbmt_head *head,
                               const real *dquery, const real *dpairs,
                               const struct sbmt_head_grad *grad)
{
    const struct sbmt_kernels *kernels = work->grouping.kernels;
    const int d = head->d;
    for (int i = 0; i < head->n; i++) {
        const size_t row = (size_t)i * (size_t)head->stride, at = (size_t)i * (size_t)d;
        sbmt_layernorm_row_backward(kernels, d, work->query + at, work->query_rate[i], dquery + at,
                                    grad->dq + row);
        sbmt_layernorm_row_backward(kernels, d, work->pairs + 2 * at, work->key_rate[i],
                                    dpairs + 2 * at, grad->dk + row);
        for (int j = 0; j < d; j++)
            grad->dv[row + (size_t)j] += dpairs[2 * at + (size_t)(d + j)];
    }
}

static bool pull_centroids(const struct work *work, const struct config *config,
                           const struct state *state, const struct sbmt_head *head,
                           struct sbmt_pass *pass)
{
    const size_t at = sbmt_tensor_part(state->centroids, head->index);
    const struct sbmt_centroids all = {pass->value + at, config->clusters, head->d};
    const struct sbmt_rows queries = {work->query, head->d}, keys = {work->pairs, 2 * head->d};
    const real weight = SBMT_R(config->centroid_weight / (2.0 * head->n * pass->batch_count));
    return config->centroid_weight <= 0 ||
           (sbmt_centroids_pull(&all, head->n, queries, weight, pass->grad + at, pass->scratch) &&
            sbmt_centroids_pull(&all, head->n, keys, weight, pass->grad + at, pass->scratch));
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const struct saved *saved = saved_in;
    const size_t entries = (size_t)head->n * (size_t)head->d;
    real *dquery = sbmt_arena_zalloc(pass->scratch, entries, sizeof *dquery);
    real *dpairs = sbmt_arena_zalloc(pass->scratch, 2 * entries, sizeof *dpairs);
    struct work work;
    if (!work_init(&work, config, saved, head, pass, true))
        return sbmt_pass_check(pass, "routing attention", err);
    make_shares(&work, head->n);
    for (int c = 0; c < saved->clusters; c++) {
        const struct sbmt_group group = group_of(saved, c);
        const size_t at = (size_t)c * (size_t)saved->window;
        gather_gradients(&work, &group, (struct sbmt_rows){dout, head->stride});
        if (!sbmt_grouping_backward(&work.grouping, &group, (uint32_t)at,
                                    saved->out + at * (size_t)head->d, saved->log_sum + at, dquery,
                                    dpairs))
            return sbmt_pass_check(pass, "routing attention", err);
    }
    normalise_backward(&work, head, dquery, dpairs, grad);
    if (!pull_centroids(&work, config, state, head, pass))
        return sbmt_pass_check(pass, "routing attention", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const struct config *config = config_in;
    const bool whole = n <= config->window;
    const double clusters = whole ? 1 : config->clusters, window = whole ? n : config->window;
    return (struct sbmt_cost){
        .flops = 4 * clusters * d * (n + window * window),
        .bytes = 4 * clusters * window * (d + 3),
    };
}

extern const struct sbmt_attention_ops sbmt_attention_routing;
const struct sbmt_attention_ops sbmt_attention_routing = {
    .variant = {.name = "routing",
                .doc = "attention within clusters of queries and keys, each those nearest to a "
                       "learnt centroid (Roy et al. 2020)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(clusters·d·(n + window²))",
    .state_size = sizeof(struct state),
    .init = init,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
