/* Attention with α-entmax weights: along the supports of rows, strip by strip. */
#include "core/attention/entmax.h"

#include <string.h>

#include "core/attention/entmax_strip.h"
#include "core/graph/block.h"
#include "core/nn/dropout.h"

struct saved {
    struct sbmt_entmax_rows rows;
    struct sbmt_entmax_support kept; /* of all rows; none of them where it would be too large */
};

int sbmt_entmax_keep(int count, real *y, real threshold)
{
    int kept = 0;
    for (int e = 0; e < count; e++) {
        const real value = y[e];
        y[kept] = value;
        kept += value > threshold;
    }
    return kept;
}

void sbmt_entmax_adjoint(const struct sbmt_kernels *kernels, int count, const real *slope, real *dp)
{
    const real mean = kernels->dot(count, slope, dp) / kernels->sum(count, slope);
    kernels->softmax_backward(count, slope, dp, mean, 1, dp);
}

/* A head, and a number for every edge of the support at hand. */
struct edges {
    const struct sbmt_entmax *entmax;
    const struct sbmt_head *head;
    struct sbmt_pass *pass;
    struct sbmt_entmax_support support;
    struct sbmt_dropout dropout;
    struct sbmt_rng_key key;
    uint32_t *bits; /* of a row of pairs */
    real *work;     /* (n) */
    real *dropped;  /* weights after dropout */
    real *dweight;  /* gradients: of weights, then of scores */
};

static bool edges_init(struct edges *edges, const struct sbmt_entmax *entmax,
                       const struct sbmt_head *head, struct sbmt_pass *pass)
{
    *edges = (struct edges){
        .entmax = entmax,
        .head = head,
        .pass = pass,
        .dropout = sbmt_dropout_make(pass->training ? head->dropout : 0),
        .key = sbmt_pass_key(pass, SBMT_RNG_ATTENTION, head->index),
        .bits = sbmt_arena_alloc(pass->scratch, (size_t)(head->n + 16) * 2),
        .work = sbmt_arena_reals(pass->scratch, (size_t)head->n),
    };
    return !pass->scratch->failed;
}

static size_t count_of(const struct edges *edges)
{
    return (size_t)sbmt_graph_edges(&edges->support.graph);
}

/* Where the first of the rows is in q, out and their gradients. */
static size_t start_of(const struct edges *edges)
{
    return (size_t)edges->support.first * (size_t)edges->head->stride;
}

/* Dropout on the numbers of a row's edges: that of the pair (i, j) has half-word j of row i. Random
 * numbers come in blocks of eight; of a row with few edges only theirs are drawn. */
static void drop_row(const struct edges *edges, int row, int count, const int32_t *column, real *x)
{
    const struct sbmt_dropout dropout = edges->dropout;
    const struct sbmt_kernels *kernels = edges->pass->kernels;
    const int blocks = (edges->head->n + 7) / 8;
    const bool few = count < blocks / 8;
    if (!few)
        kernels->random_bits(edges->key, (uint32_t)row, 0, blocks, edges->bits);
    for (int e = 0, drawn = -1; e < count; e++) {
        const int block = column[e] / 8;
        uint32_t *bits = edges->bits + 4 * (size_t)block;
        if (few && block != drawn)
            kernels->random_bits(edges->key, (uint32_t)row, (uint32_t)block, 1, bits);
        drawn = block;
        const uint32_t half = bits[column[e] % 8 / 2] >> 16 * (column[e] % 2) & 0xFFFFU;
        x[e] = half < dropout.threshold ? 0 : x[e] * dropout.scale;
    }
}

static bool drop_weights(struct edges *edges)
{
    const struct sbmt_graph *graph = &edges->support.graph;
    edges->dropped = sbmt_arena_reals(edges->pass->scratch, count_of(edges));
    if (edges->dropped == NULL)
        return false;
    memcpy(edges->dropped, edges->support.weight, count_of(edges) * sizeof *edges->dropped);
    for (int i = 0; edges->dropout.threshold != 0 && i < graph->rows; i++) {
        int count;
        const int32_t *column = sbmt_graph_listed(graph, i, &count);
        drop_row(edges, edges->support.first + i, count, column, edges->dropped + graph->offset[i]);
    }
    return true;
}

/* Through dropout: no weight is 0 but one that was dropped. */
static void drop_gradients(struct edges *edges)
{
    const size_t count = edges->dropout.threshold != 0 ? count_of(edges) : 0;
    const real scale = edges->dropout.scale;
    for (size_t e = 0; e < count; e++)
        edges->dweight[e] = edges->dropped[e] > 0 ? edges->dweight[e] * scale : 0;
}

/* Edges of a block, which are side by side, from or to those of the support. */
static const real *taken(const struct sbmt_block *block, const real *from, real *to)
{
    for (int i = 0; i < block->rows; i++)
        memcpy(to + block->begin[i], from + block->from[i],
               (size_t)(block->begin[i + 1] - block->begin[i]) * sizeof *to);
    return to;
}

static void put(const struct sbmt_block *block, const real *from, real *to)
{
    for (int i = 0; i < block->rows; i++)
        memcpy(to + block->from[i], from + block->begin[i],
               (size_t)(block->begin[i + 1] - block->begin[i]) * sizeof *to);
}

/* Begins a walk over the blocks of the support; *buffer holds the edges of one. */
static bool walk_init(const struct edges *edges, bool turns, struct sbmt_block_walk *walk,
                      real **buffer)
{
    struct sbmt_arena *scratch = edges->pass->scratch;
    if (!sbmt_block_walk_init(walk, &edges->support.graph, edges->pass->kernels, turns, scratch))
        return false;
    *buffer = sbmt_arena_reals(scratch, (size_t)walk->most_edges + 16);
    return *buffer != NULL;
}

/* The rows' share of out = A·V. */
static bool forward_support(struct edges *edges, real *out)
{
    const struct sbmt_head *head = edges->head;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(edges->pass->scratch);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    real *buffer;
    if (!drop_weights(edges) || !walk_init(edges, false, &walk, &buffer))
        return false;
    real *to = out + start_of(edges);
    for (int i = 0; i < edges->support.graph.rows; i++)
        memset(to + (size_t)i * (size_t)head->stride, 0, (size_t)head->d * sizeof *to);
    while (sbmt_block_next(&walk, &block))
        sbmt_block_gather(&block, head->d, taken(&block, edges->dropped, buffer), head->v,
                          head->stride, to, head->stride);
    sbmt_arena_release(edges->pass->scratch, mark);
    return true;
}

/* Keeps a support that has all rows for backward. */
static bool keep(struct saved *saved, const struct edges *edges)
{
    const struct sbmt_entmax_support *support = &edges->support;
    const size_t n = (size_t)edges->head->n, count = count_of(edges);
    struct sbmt_arena *arena = edges->pass->saved;
    if (support->graph.rows != edges->head->n)
        return true;
    int64_t *offset = sbmt_arena_alloc(arena, (n + 1) * sizeof *offset);
    int32_t *column = sbmt_arena_alloc(arena, count * sizeof *column);
    real *weight = sbmt_arena_reals(arena, count);
    if (arena->failed)
        return false;
    memcpy(offset, support->graph.offset, (n + 1) * sizeof *offset);
    memcpy(column, support->graph.column, count * sizeof *column);
    memcpy(weight, support->weight, count * sizeof *weight);
    saved->kept = *support;
    saved->kept.graph.offset = offset;
    saved->kept.graph.column = column;
    saved->kept.weight = weight;
    return true;
}

bool sbmt_entmax_forward(const struct sbmt_entmax *entmax, const struct sbmt_head *head,
                         struct sbmt_pass *pass, void **saved_out, real *out,
                         struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    struct edges edges;
    struct sbmt_entmax_strip strip;
    if (saved == NULL)
        return sbmt_pass_check(pass, "entmax attention", err);
    saved->rows.largest = sbmt_arena_reals(pass->saved, (size_t)head->n);
    saved->rows.threshold = sbmt_arena_reals(pass->saved, (size_t)head->n);
    if (pass->saved->failed || !edges_init(&edges, entmax, head, pass) ||
        !sbmt_entmax_strip_init(&strip, entmax, head, pass->kernels, pass->scratch))
        return sbmt_pass_check(pass, "entmax attention", err);
    double count = 0;
    for (int row = 0; row < head->n; row += edges.support.graph.rows) {
        edges.support = sbmt_entmax_strip_next(&strip, row, &saved->rows, true);
        count += (double)count_of(&edges);
        if (!forward_support(&edges, out) || !keep(saved, &edges))
            return sbmt_pass_check(pass, "entmax attention", err);
    }
    pass->stats->edges += count;
    sbmt_pass_count_density(pass, head->index, count / sbmt_pass_pairs(pass, head->n));
    sbmt_arena_release(pass->scratch, mark);
    *saved_out = saved;
    return true;
}

/* dweight_e ← dout_i·v_j through dropout, then the gradients of scores before scaling. */
static bool scores_backward(struct edges *edges, const real *dout, double *dalpha)
{
    const struct sbmt_head *head = edges->head;
    const struct sbmt_entmax *entmax = edges->entmax;
    const struct sbmt_graph *graph = &edges->support.graph;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(edges->pass->scratch);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    real *buffer;
    if (!walk_init(edges, false, &walk, &buffer))
        return false;
    const real scale = 1 / real_sqrt(SBMT_R(head->d));
    while (sbmt_block_next(&walk, &block)) {
        sbmt_block_dot(&block, head->d, dout + start_of(edges), head->stride, head->v, head->stride,
                       1, buffer);
        put(&block, buffer, edges->dweight);
    }
    drop_gradients(edges);
    for (int i = 0; i < graph->rows; i++) {
        int count;
        sbmt_graph_listed(graph, i, &count);
        real *dweight = edges->dweight + graph->offset[i];
        *dalpha += entmax->backward(entmax, edges->pass->kernels, count,
                                    edges->support.weight + graph->offset[i], dweight, edges->work);
        for (int e = 0; e < count; e++)
            dweight[e] *= scale;
    }
    sbmt_arena_release(edges->pass->scratch, mark);
    return true;
}

/* With dS on the support and A after dropout:  dQ += dS K,  dK += dSᵀ Q,  dV += Aᵀ dO. */
static bool backward_support(struct edges *edges, const real *dout,
                             const struct sbmt_head_grad *grad, double *dalpha)
{
    const struct sbmt_head *head = edges->head;
    const int d = head->d, stride = head->stride;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(edges->pass->scratch);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    real *buffer;
    edges->dweight = sbmt_arena_reals(edges->pass->scratch, count_of(edges));
    if (edges->dweight == NULL || !drop_weights(edges) || !scores_backward(edges, dout, dalpha) ||
        !walk_init(edges, true, &walk, &buffer))
        return false;
    const size_t start = start_of(edges);
    while (sbmt_block_next(&walk, &block)) {
        sbmt_block_turn(&walk, &block);
        taken(&block, edges->dweight, buffer);
        sbmt_block_gather(&block, d, buffer, head->k, stride, grad->dq + start, stride);
        sbmt_block_gather_turned(&block, d, buffer, head->q + start, stride, grad->dk, stride);
        taken(&block, edges->dropped, buffer);
        sbmt_block_gather_turned(&block, d, buffer, dout + start, stride, grad->dv, stride);
    }
    sbmt_arena_release(edges->pass->scratch, mark);
    return true;
}

bool sbmt_entmax_backward(const struct sbmt_entmax *entmax, const struct sbmt_head *head,
                          struct sbmt_pass *pass, const void *saved_in, const real *dout,
                          const struct sbmt_head_grad *grad, double *dalpha, struct sbmt_error *err)
{
    const struct saved *saved = saved_in;
    const bool kept = saved->kept.weight != NULL;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct edges edges;
    struct sbmt_entmax_strip strip;
    *dalpha = 0;
    if (!edges_init(&edges, entmax, head, pass) ||
        (!kept && !sbmt_entmax_strip_init(&strip, entmax, head, pass->kernels, pass->scratch)))
        return sbmt_pass_check(pass, "entmax attention", err);
    for (int row = 0; row < head->n; row += edges.support.graph.rows) {
        edges.support = kept ? saved->kept
                             : sbmt_entmax_strip_next(&strip, row, &saved->rows, false);
        if (!backward_support(&edges, dout, grad, dalpha))
            return sbmt_pass_check(pass, "entmax attention", err);
    }
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

struct sbmt_cost sbmt_entmax_cost(const void *config, int n, int d, double density)
{
    (void)config;
    const double pairs = (double)n * n, edges = density * pairs;
    const double kept = edges <= SBMT_ENTMAX_MOST_KEPT * (double)n ? edges : 0;
    return (struct sbmt_cost){.flops = 2 * (pairs + edges) * d, .bytes = 8 * (2.0 * n + kept)};
}
