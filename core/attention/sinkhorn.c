/* Sparse Sinkhorn attention (Tay et al. 2020, arXiv 2002.11296), not causal: a block of tokens
 * attends to its own keys and to the keys of a mixture of blocks, near to a single one, which a
 * sorting network chooses for it.
 *
 * With S_I the sum of block I's keys, R = the Sinkhorn balancing of S·Wᵀ/temperature, (blocks,
 * blocks), and row t of a block written (I, t): sorted keys K̃_(I,t) = Σ_J R_IJ K_(J,t), sorted
 * values alike. A query of block I has a softmax over block I's keys and the sorted ones, of sorted
 * and own values.
 *
 * Where the paper leaves a choice or the public code differs:
 * - The sorting network is the linear one, without hidden layer and without a bias, which balancing
 *   would all but take out; it reads the head's keys, and a head has its own W.
 * - The paper's equation adds the score of a sorted key to that of the own key in the same place
 * and has one weight for both; this is the form of the public code, where both are keys of their
 * own.
 * - No Gumbel noise on the logits; no SortCut.
 * - The last block may be short. Rows that it lacks contribute nothing to sorted rows, and as its
 *   own keys do not exist. A sequence has the first rows of W, as many as it has blocks. With one
 *   block R is 1, sorted and own keys are the same, and the result is plain softmax attention,
 *   computed as that. */
#include <string.h>

#include "core/attention/attention.h"
#include "core/attention/dense.h"
#include "core/kernels/gemm.h"
#include "core/nn/balance.h"

struct config {
    int block, iterations;
    double temperature;
};

struct state {
    const struct sbmt_tensor *weight; /* (heads, blocks of the longest sequence, d) W */
};

struct saved {
    real *log_sum; /* (n) */
    real *out;     /* the output given to the caller, stride as the head's */
};

/* A head cut into blocks. */
struct blocks {
    const struct sbmt_head *head;
    struct sbmt_pass *pass;
    real temperature;
    size_t weight;               /* of this head, in the slabs of parameters */
    int block, count, last;      /* tokens of a block, blocks, tokens of the last one */
    struct sbmt_balance balance; /* its result is R */
    real *sums;                  /* (count, d) S */
    real *keys, *values;         /* (count, 2·block, d) a block's sorted rows, then its own */
};

static int rows_of(const struct blocks *blocks, int index)
{
    return index < blocks->count - 1 ? blocks->block : blocks->last;
}

/* How many blocks have a row t. */
static int blocks_with(const struct blocks *blocks, int t)
{
    return t < blocks->last ? blocks->count : blocks->count - 1;
}

/* From a block to the next in keys, values and their gradients. */
static int pitch(const struct blocks *blocks)
{
    return 2 * blocks->block * blocks->head->d;
}

static size_t row_at(const struct blocks *blocks, int row)
{
    return (size_t)row * (size_t)blocks->head->stride;
}

static bool blocks_init(struct blocks *blocks, const struct config *config,
                        const struct state *state, const struct sbmt_head *head,
                        struct sbmt_pass *pass)
{
    const int count = (head->n + config->block - 1) / config->block;
    *blocks = (struct blocks){
        .head = head,
        .pass = pass,
        .temperature = SBMT_R(config->temperature),
        .weight = sbmt_tensor_part(state->weight, head->index),
        .block = config->block,
        .count = count,
        .last = head->n - (count - 1) * config->block,
    };
    if (count == 1)
        return true;
    const size_t size = (size_t)count * (size_t)pitch(blocks);
    blocks->sums = sbmt_arena_zalloc(pass->scratch, (size_t)count * (size_t)head->d, sizeof(real));
    blocks->keys = sbmt_arena_reals(pass->scratch, size);
    blocks->values = sbmt_arena_reals(pass->scratch, size);
    return sbmt_balance_init(&blocks->balance, count, config->iterations, pass->scratch) &&
           !pass->scratch->failed;
}

/* R from the sums of blocks. */
static void choose(struct blocks *blocks)
{
    const struct sbmt_head *head = blocks->head;
    const int d = head->d, count = blocks->count;
    for (int i = 0; i < head->n; i++)
        for (int t = 0; t < d; t++)
            blocks->sums[(size_t)(i / blocks->block) * (size_t)d + (size_t)t] +=
                head->k[row_at(blocks, i) + (size_t)t];
    real *logits = blocks->balance.steps;
    sbmt_gemm_nt(count, count, d, blocks->sums, d, blocks->pass->value + blocks->weight, d, 0,
                 logits, count);
    for (int i = 0; i < count * count; i++)
        logits[i] /= blocks->temperature;
    sbmt_balance_forward(&blocks->balance, blocks->pass->kernels);
}

/* to (count, 2·block, d): sorted rows of x, then its own. Row t of all blocks at once. */
static void sort(const struct blocks *blocks, const real *x, real *to)
{
    const int d = blocks->head->d, stride = blocks->head->stride, count = blocks->count;
    for (int t = 0; t < blocks->block; t++)
        blocks->pass->kernels->product(count, d, blocks_with(blocks, t), false,
                                       blocks->balance.result, count, 1, x + row_at(blocks, t),
                                       blocks->block * stride, to + t * d, pitch(blocks));
    for (int i = 0; i < count; i++)
        for (int t = 0; t < rows_of(blocks, i); t++)
            memcpy(to + (size_t)i * (size_t)pitch(blocks) + (size_t)((blocks->block + t) * d),
                   x + row_at(blocks, i * blocks->block + t), (size_t)d * sizeof *to);
}

static void sort_keys_and_values(struct blocks *blocks)
{
    if (blocks->count == 1)
        return;
    choose(blocks);
    sort(blocks, blocks->head->k, blocks->keys);
    sort(blocks, blocks->head->v, blocks->values);
}

/* The attention of a block. */
static struct sbmt_dense_attend attend_of(const struct blocks *blocks, int index)
{
    const struct sbmt_head *head = blocks->head;
    const int first = index * blocks->block, rows = rows_of(blocks, index);
    const size_t at = (size_t)index * (size_t)pitch(blocks);
    struct sbmt_dense_attend attend = sbmt_dense_head(head, blocks->pass);
    attend.queries = attend.keys = rows;
    attend.q.x += row_at(blocks, first);
    attend.dropout_row = (uint32_t)first;
    if (blocks->count == 1)
        return attend;
    attend.keys = blocks->block + rows;
    attend.k = (struct sbmt_rows){blocks->keys + at, head->d};
    attend.v = (struct sbmt_rows){blocks->values + at, head->d};
    return attend;
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    struct blocks blocks;
    if (saved == NULL || log_sum == NULL || !blocks_init(&blocks, config, state, head, pass))
        return sbmt_pass_check(pass, "Sinkhorn attention", err);
    sort_keys_and_values(&blocks);
    for (int i = 0; i < blocks.count; i++) {
        const struct sbmt_dense_attend attend = attend_of(&blocks, i);
        const int first = i * blocks.block;
        if (!sbmt_dense_attend_forward(&attend, pass->kernels, out + row_at(&blocks, first),
                                       head->stride, log_sum + first, pass->scratch))
            return sbmt_pass_check(pass, "Sinkhorn attention", err);
        pass->stats->edges += (double)attend.queries * attend.keys;
    }
    sbmt_arena_release(pass->scratch, mark);
    *saved = (struct saved){log_sum, out};
    *saved_out = saved;
    return true;
}

/* Gradients of what blocks attend to: (count, 2·block, d) each. */
struct sorted_grad {
    real *dkeys, *dvalues;
};

/* The attention of every block: adds to dq, and to the gradients of sorted and own rows. */
static bool attend_backward(const struct blocks *blocks, const struct saved *saved,
                            const real *dout, const struct sbmt_head_grad *grad,
                            const struct sorted_grad *sorted)
{
    const struct sbmt_head *head = blocks->head;
    const bool alone = blocks->count == 1;
    for (int i = 0; i < blocks->count; i++) {
        const struct sbmt_dense_attend attend = attend_of(blocks, i);
        const int first = i * blocks->block;
        const size_t row = row_at(blocks, first), at = (size_t)i * (size_t)pitch(blocks);
        const struct sbmt_dense_grad to = {
            .dq = grad->dq + row,
            .dk = alone ? grad->dk : sorted->dkeys + at,
            .dv = alone ? grad->dv : sorted->dvalues + at,
        };
        const struct sbmt_rows out = {saved->out + row, head->stride};
        const struct sbmt_rows gradient = {dout + row, head->stride};
        if (!sbmt_dense_attend_backward(&attend, blocks->pass->kernels, out, saved->log_sum + first,
                                        gradient, &to, blocks->pass->scratch))
            return false;
    }
    return true;
}

/* The adjoint of `sort`: adds to dx and to dR. */
static void sort_backward(const struct blocks *blocks, const real *x, const real *dsorted, real *dx,
                          real *dmix)
{
    const int d = blocks->head->d, count = blocks->count;
    const int between = blocks->block * blocks->head->stride;
    for (int t = 0; t < blocks->block; t++) {
        const int depth = blocks_with(blocks, t);
        const size_t row = row_at(blocks, t);
        sbmt_gemm_nt(count, depth, d, dsorted + t * d, pitch(blocks), x + row, between, 1, dmix,
                     count);
        blocks->pass->kernels->product(depth, d, count, true, blocks->balance.result, 1, count,
                                       dsorted + t * d, pitch(blocks), dx + row, between);
    }
    for (int i = 0; i < blocks->head->n; i++) {
        const int index = i / blocks->block, t = i % blocks->block;
        const real *own = dsorted + (size_t)index * (size_t)pitch(blocks) +
                          (size_t)((blocks->block + t) * d);
        for (int j = 0; j < d; j++)
            dx[row_at(blocks, i) + (size_t)j] += own[j];
    }
}

/* The adjoint of `choose`: from dR to W and keys. */
static bool choose_backward(const struct blocks *blocks, real *dmix, real *dk)
{
    const struct sbmt_head *head = blocks->head;
    struct sbmt_pass *pass = blocks->pass;
    const int d = head->d, count = blocks->count;
    real *dsums = sbmt_arena_reals(pass->scratch, (size_t)count * (size_t)d);
    if (dsums == NULL ||
        !sbmt_balance_backward(&blocks->balance, pass->kernels, dmix, pass->scratch))
        return false;
    for (int i = 0; i < count * count; i++)
        dmix[i] /= blocks->temperature;
    sbmt_gemm_tn(count, d, count, dmix, count, blocks->sums, d, 1, pass->grad + blocks->weight, d);
    sbmt_gemm(count, d, count, dmix, count, pass->value + blocks->weight, d, 0, dsums, d);
    for (int i = 0; i < head->n; i++)
        for (int t = 0; t < d; t++)
            dk[row_at(blocks, i) + (size_t)t] +=
                dsums[(size_t)(i / blocks->block) * (size_t)d + (size_t)t];
    return true;
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct blocks blocks;
    if (!blocks_init(&blocks, config, state, head, pass))
        return sbmt_pass_check(pass, "Sinkhorn attention", err);
    sort_keys_and_values(&blocks);
    const bool alone = blocks.count == 1;
    const size_t size = alone ? 0 : (size_t)blocks.count * (size_t)pitch(&blocks);
    const size_t square = (size_t)blocks.count * (size_t)blocks.count;
    const struct sorted_grad sorted = {
        .dkeys = sbmt_arena_zalloc(pass->scratch, size, sizeof(real)),
        .dvalues = sbmt_arena_zalloc(pass->scratch, size, sizeof(real)),
    };
    real *dmix = sbmt_arena_zalloc(pass->scratch, square, sizeof *dmix);
    if (pass->scratch->failed || !attend_backward(&blocks, saved, dout, grad, &sorted))
        return sbmt_pass_check(pass, "Sinkhorn attention", err);
    if (!alone) {
        sort_backward(&blocks, head->k, sorted.dkeys, grad->dk, dmix);
        sort_backward(&blocks, head->v, sorted.dvalues, grad->dv, dmix);
        if (!choose_backward(&blocks, dmix, grad->dk))
            return sbmt_pass_check(pass, "Sinkhorn attention", err);
    }
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static bool init(const void *config_in, const struct sbmt_attention_shape *shape,
                 const char *prefix, struct sbmt_params *params, void *state_in,
                 struct sbmt_error *err)
{
    (void)err;
    const struct config *config = config_in;
    struct state *state = state_in;
    const int blocks = (shape->positions + config->block - 1) / config->block;
    const int64_t sizes[3] = {shape->heads, blocks > 0 ? blocks : 1, shape->d};
    state->weight = sbmt_params_add_under(
        params, prefix, "sort.weight", 3, sizes,
        (struct sbmt_init){SBMT_INIT_UNIFORM, 1 / sqrt(shape->d)});
    return true;
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const struct config *config = config_in;
    const double tokens = n, block = n < config->block ? n : config->block;
    const double blocks = ceil(tokens / block), keys = blocks > 1 ? 2 * block : block;
    const double sorting = blocks > 1 ? 4 * tokens * blocks + 2 * blocks * blocks : 0;
    return (struct sbmt_cost){.flops = (4 * tokens * keys + sorting) * d, .bytes = 4 * tokens};
}

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, block, 64, 1, 65536, "tokens of a block"),
    SBMT_INT(ROW, iterations, 5, 1, 100,
             "times that rows and columns of the sorting matrix are normalised"),
    SBMT_NUMBER(
        ROW, temperature, 0.75, 1e-3, 1e3,
        "divides the logits of sorting: the lower, the nearer a sorted block is to one block"),
    SBMT_FIELDS_END,
};

extern const struct sbmt_attention_ops sbmt_attention_sinkhorn;
const struct sbmt_attention_ops sbmt_attention_sinkhorn = {
    .variant = {.name = "sinkhorn",
                .doc = "a block of tokens attends to itself and to a block that a sorting network "
                       "finds for it (Tay et al. 2020)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·block·d + n²·d/block)",
    .state_size = sizeof(struct state),
    .init = init,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
