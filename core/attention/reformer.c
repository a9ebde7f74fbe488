/* LSH attention of Reformer (Kitaev et al. 2020, arXiv 2001.04451, section 2), without causality.
 *
 * In each of several rounds of hashing the tokens are sorted by bucket and cut into chunks, and a
 * chunk attends to itself and to the chunks before it. Where paper and published code (google/trax,
 * and transformers of Hugging Face, which agree) differ, this is the code:
 *
 * - Keys are the queries at unit length. The code divides by the root mean square of the entries
 *   and then by √d, which is the same: s_ij = q_i·q_j/√(‖q_j‖² + d·1e-6), with no further 1/√d.
 * - A token's score for itself is lowered by 1e5 wherever it occurs: it attends to itself only in a
 *   round that offers no one else, and such a round counts only if all are so. A token alone in all
 *   rounds passes its value on, without dropout.
 * - Within a chunk and its neighbours every token is attended to, of the same bucket or not.
 * - Rounds are combined by the softmax of their log-sums (appendix A). So all are one softmax
 *   over the keys of all rounds, and a key that occurs twice counts twice: the paper's correction
 *   log N_ij (appendix A) is not in the code.
 * - The chunks of all rounds form one ring: before a round's first chunk is the last one of the
 *   round before it.
 *
 * Here alone: sequences have any length, so a round's last chunk may be shorter; a chunk looks at
 * none twice; and where one chunk holds all tokens there is one round, as all would be alike. */
#include <string.h>

#include "core/attention/attention.h"
#include "core/attention/group.h"
#include "core/attention/hashing.h"
#include "core/attention/ring.h"

struct config {
    int rounds, chunk, before, after, buckets, redraw;
};

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, rounds, 2, 1, 64, "rounds of hashing"),
    SBMT_INT(ROW, chunk, 64, 2, 4096, "tokens of a chunk; the last one of a round may have fewer"),
    SBMT_INT(ROW, before, 1, 0, 64, "chunks before its own that a token attends to"),
    SBMT_INT(ROW, after, 0, 0, 64, "chunks after its own that a token attends to"),
    SBMT_INT(
        ROW, buckets, 0, 0, 65536,
        "buckets of a round, an even number; 0: two for each chunk of the sequence (published)"),
    SBMT_INT(ROW, redraw, 1, 0, 1000000,
             "training steps between new rotations; 0: the same ones in all steps"),
    SBMT_FIELDS_END,
};
#undef ROW

static const double length_epsilon = 1e-6;
static const double penalty_of_self = 1e5;

static bool check(const void *config_in, struct sbmt_error *err)
{
    const struct config *config = config_in;
    return config->buckets % 2 == 0 ||
           sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "buckets: must be even, as a rotation gives two for each of its columns; got "
                     "%d",
                     config->buckets);
}

static struct sbmt_ring ring_of(const struct config *config, int n)
{
    return sbmt_ring_make(n, config->chunk, config->rounds, config->before, config->after);
}

struct saved {
    struct sbmt_ring ring;
    int32_t *order; /* (rounds, n) tokens as sorted */
    real *log_sum;  /* (n) log Σ e^{s_ij} over the keys of all rounds */
    const real *out;
};

/* One head's work in either direction. */
struct work {
    const struct saved *saved;
    struct sbmt_grouping grouping;
    real *pairs;   /* (n, 2d) queries at unit length, and values */
    real *rate;    /* (n) 1/√(‖q‖² + dε) */
    int32_t *keys; /* of the chunk at hand, as those below are */
    struct sbmt_chunk chunk;
    real *out, *log_sum; /* (queries, d) and (queries) */
};

/* Lowers a query's scores for its own token. */
static void turn_away(const void *context, int query, int first_key, int count, real *score)
{
    const struct sbmt_chunk *chunk = context;
    const int self = chunk->own + query - first_key;
    if (!chunk->may_recur) {
        if (self >= 0 && self < count)
            score[self] -= SBMT_R(penalty_of_self);
        return;
    }
    const int32_t *key = chunk->group.key + first_key;
    const int32_t token = chunk->group.query[query];
    for (int j = 0; j < count; j++)
        score[j] -= key[j] == token ? SBMT_R(penalty_of_self) : 0;
}

static bool is_alone(real log_sum)
{
    return log_sum < SBMT_R(-0.5 * penalty_of_self);
}

static void make_pairs(struct work *work, const struct sbmt_head *head)
{
    const int d = head->d;
    for (int i = 0; i < head->n; i++) {
        const size_t row = (size_t)i * (size_t)head->stride;
        const real *query = head->q + row;
        real *key = work->pairs + 2 * (size_t)i * (size_t)d;
        const real square = work->grouping.kernels->dot(d, query, query);
        work->rate[i] = 1 / real_sqrt(square + SBMT_R(d * length_epsilon));
        for (int j = 0; j < d; j++)
            key[j] = query[j] * work->rate[i];
        memcpy(key + d, head->v + row, (size_t)d * sizeof *key);
    }
}

static bool work_init(struct work *work, const struct saved *saved, const struct sbmt_head *head,
                      struct sbmt_pass *pass, bool backward)
{
    const size_t n = (size_t)head->n, d = (size_t)head->d;
    const struct sbmt_ring *ring = &saved->ring;
    const int most_keys = sbmt_ring_most_keys(ring), most_queries = sbmt_ring_most_queries(ring);
    *work = (struct work){
        .saved = saved,
        .pairs = sbmt_arena_reals(pass->scratch, 2 * n * d),
        .rate = sbmt_arena_reals(pass->scratch, n),
        .keys = sbmt_arena_alloc(pass->scratch, (size_t)most_keys * sizeof *work->keys),
        .out = sbmt_arena_reals(pass->scratch, (size_t)most_queries * d),
        .log_sum = sbmt_arena_reals(pass->scratch, (size_t)most_queries),
    };
    work->grouping = (struct sbmt_grouping){
        .kernels = pass->kernels,
        .scratch = pass->scratch,
        .most_queries = most_queries,
        .most_keys = most_keys,
        .queries = {head->q, head->stride},
        .pairs = work->pairs,
        .attend = {.d = head->d,
                   .scale = 1,
                   .dropout = sbmt_dropout_make(pass->training ? head->dropout : 0),
                   .key = sbmt_pass_key(pass, SBMT_RNG_ATTENTION, head->index),
                   .adjust = turn_away,
                   .context = &work->chunk},
    };
    if (!sbmt_grouping_init(&work->grouping, backward))
        return false;
    make_pairs(work, head);
    return true;
}

static int buckets_of(const struct config *config, int n)
{
    const int chunks = (n + config->chunk / 2) / config->chunk; /* rounded */
    return config->buckets > 0 ? config->buckets : 2 * (chunks > 1 ? chunks : 1);
}

static bool sort_tokens(const struct config *config, const struct sbmt_head *head,
                        struct sbmt_pass *pass, const struct saved *saved)
{
    struct sbmt_pass drawn = *pass;
    drawn.step = config->redraw == 0 ? 0 : pass->step / (uint32_t)config->redraw;
    const struct sbmt_hashing hashing = {
        .kernels = pass->kernels,
        .n = head->n,
        .d = head->d,
        .x = {head->q, head->stride},
        .buckets = buckets_of(config, head->n),
        .key = sbmt_pass_key(&drawn, SBMT_RNG_HASH, head->index),
    };
    for (int round = 0; round < sbmt_ring_rounds(&saved->ring); round++)
        if (!sbmt_hashing_order(&hashing, round, saved->order + (size_t)round * (size_t)head->n,
                                pass->scratch))
            return false;
    return true;
}

/* Joins the chunk's outputs to those of the rounds before: the greater of the two sums has the
 * share 1/(1 + e^{−difference of the logarithms}). */
static void join(const struct work *work, real *out, int stride)
{
    const struct sbmt_group *group = &work->chunk.group;
    const int d = work->grouping.attend.d;
    for (int i = 0; i < group->queries; i++) {
        const real *here = work->out + (size_t)i * (size_t)d;
        real *joined = out + (size_t)group->query[i] * (size_t)stride;
        real *log_sum = work->saved->log_sum + group->query[i];
        const real ahead = work->log_sum[i] - *log_sum;
        const real lesser = real_exp(ahead > 0 ? -ahead : ahead);
        const real share = (ahead > 0 ? 1 : lesser) / (1 + lesser);
        for (int j = 0; j < d; j++)
            joined[j] += share * (here[j] - joined[j]);
        *log_sum = (ahead > 0 ? work->log_sum[i] : *log_sum) + real_log(1 + lesser);
    }
}

static void begin_joining(const struct saved *saved, const struct sbmt_head *head, real *out)
{
    for (int i = 0; i < head->n; i++) {
        memset(out + (size_t)i * (size_t)head->stride, 0, (size_t)head->d * sizeof *out);
        saved->log_sum[i] = SBMT_R(-SBMT_REAL_MAX);
    }
}

static void pass_on_alone(const struct saved *saved, const struct sbmt_head *head, real *out)
{
    for (int i = 0; i < head->n; i++)
        if (is_alone(saved->log_sum[i]))
            memcpy(out + (size_t)i * (size_t)head->stride,
                   head->v + (size_t)i * (size_t)head->stride, (size_t)head->d * sizeof *out);
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    (void)state;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const struct sbmt_ring ring = ring_of(config, head->n);
    const size_t n = (size_t)head->n, places = n * (size_t)sbmt_ring_rounds(&ring);
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    if (saved == NULL)
        return sbmt_pass_check(pass, "Reformer attention", err);
    *saved = (struct saved){
        .ring = ring,
        .order = sbmt_arena_alloc(pass->saved, places * sizeof *saved->order),
        .log_sum = sbmt_arena_reals(pass->saved, n),
        .out = out,
    };
    struct work work;
    if (pass->saved->failed || !sort_tokens(config, head, pass, saved) ||
        !work_init(&work, saved, head, pass, false))
        return sbmt_pass_check(pass, "Reformer attention", err);
    begin_joining(saved, head, out);
    for (int i = 0; i < ring.chunks; i++) {
        work.chunk = sbmt_ring_chunk(&saved->ring, saved->order, i, work.keys);
        if (!sbmt_grouping_forward(&work.grouping, &work.chunk.group, (uint32_t)work.chunk.begin,
                                   work.out, work.log_sum))
            return sbmt_pass_check(pass, "Reformer attention", err);
        join(&work, out, head->stride);
        pass->stats->edges += (double)work.chunk.group.queries * work.chunk.group.keys;
    }
    pass_on_alone(saved, head, out);
    sbmt_arena_release(pass->scratch, mark);
    *saved_out = saved;
    return true;
}

/* What backward of a chunk reads, by its queries. With the log-sum over all rounds the weights are
 * those of the one softmax, and with the joined output so are the gradients of its scores. Without
 * company there is no softmax: an infinite sum makes all weights 0, or as good as 0. */
static void gather_outputs(const struct work *work, const struct sbmt_head *head, const real *dout)
{
    const struct sbmt_group *group = &work->chunk.group;
    const struct sbmt_rows out = {work->saved->out, head->stride}, gradient = {dout, head->stride};
    sbmt_rows_gather(group->queries, head->d, group->query, out, work->out);
    sbmt_rows_gather(group->queries, head->d, group->query, gradient, work->grouping.dout);
    for (int i = 0; i < group->queries; i++) {
        const real log_sum = work->saved->log_sum[group->query[i]];
        work->log_sum[i] = is_alone(log_sum) ? SBMT_R(penalty_of_self) : log_sum;
    }
}

/* From a key k = r·q with r = 1/√(‖q‖² + dε) to its query,  dq += r·(dk − (k·dk)·k),  and to
 * values, also past the softmax where a token is alone. */
static void pairs_backward(const struct work *work, const struct sbmt_head *head, const real *dout,
                           const real *dpairs, const struct sbmt_head_grad *grad)
{
    const int d = head->d;
    for (int i = 0; i < head->n; i++) {
        const size_t row = (size_t)i * (size_t)head->stride, pair = 2 * (size_t)i * (size_t)d;
        const real *key = work->pairs + pair, *dkey = dpairs + pair, *dvalue = dkey + d;
        const real along = work->grouping.kernels->dot(d, key, dkey);
        for (int j = 0; j < d; j++)
            grad->dq[row + (size_t)j] += work->rate[i] * (dkey[j] - along * key[j]);
        const real passed_on = is_alone(work->saved->log_sum[i]) ? 1 : 0;
        for (int j = 0; j < d; j++)
            grad->dv[row + (size_t)j] += dvalue[j] + passed_on * dout[row + (size_t)j];
    }
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config, (void)state;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const struct saved *saved = saved_in;
    struct work work;
    const size_t entries = 2 * (size_t)head->n * (size_t)head->d;
    real *dpairs = sbmt_arena_zalloc(pass->scratch, entries, sizeof *dpairs);
    if (!work_init(&work, saved, head, pass, true))
        return sbmt_pass_check(pass, "Reformer attention", err);
    for (int i = 0; i < saved->ring.chunks; i++) {
        work.chunk = sbmt_ring_chunk(&saved->ring, saved->order, i, work.keys);
        gather_outputs(&work, head, dout);
        if (!sbmt_grouping_backward(&work.grouping, &work.chunk.group, (uint32_t)work.chunk.begin,
                                    work.out, work.log_sum, grad->dq, dpairs))
            return sbmt_pass_check(pass, "Reformer attention", err);
    }
    pairs_backward(&work, head, dout, dpairs, grad);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* As if all chunks were full. */
static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const struct config *config = config_in;
    const struct sbmt_ring ring = ring_of(config, n);
    const double places = (double)n * sbmt_ring_rounds(&ring);
    return (struct sbmt_cost){
        .flops = places * d * (4.0 * sbmt_ring_most_keys(&ring) + buckets_of(config, n)),
        .bytes = 4 * (places + n),
    };
}

extern const struct sbmt_attention_ops sbmt_attention_reformer;
const struct sbmt_attention_ops sbmt_attention_reformer = {
    .variant = {.name = "reformer",
                .doc = "attention among tokens that hash alike, whose keys are their queries at "
                       "unit length (Kitaev et al. 2020)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(rounds·n·d·(chunk·(1 + before + after) + buckets))",
    .inputs = SBMT_INPUTS_QUERY_VALUE,
    .check = check,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
