/* Nystromformer (Xiong et al. 2021, arXiv 2102.03902). With Q̃, K̃ the means of m segments of
 * queries and keys, and all scores divided by √d:
 *
 *     out = softmax(Q·K̃ᵀ)·Z·(softmax(Q̃·Kᵀ)·V) + convolution of V,   Z ≈ softmax(Q̃·K̃ᵀ)⁺,
 *
 * from the right: nothing is larger than (n, d) or (m, m). See inverse.h for Z.
 *
 * Where the paper leaves something open or differs from its code (mlpen/Nystromformer):
 * - Segments: the code has as many tokens in each, of a sequence padded to a multiple of m. Here
 *   they are those of the sequence itself, whose lengths differ by one token at most.
 * - With no more tokens than landmarks it is softmax attention: the code does so where they are
 *   equally many, and the approximation, every token being a landmark, is exact there too.
 * - Z_0 = Aᵀ/(‖A‖₁·‖A‖∞), where ‖A‖∞ = 1, is each head's own, as in the paper. The code divides by
 *   the largest ‖A‖₁ of all heads of a batch, unless told otherwise.
 * - The convolution is the code's: depthwise, one filter a head, no bias.
 * - Neither has dropout of attention weights, so `attention_dropout` has no effect. */
#include <string.h>

#include "core/attention/attention.h"
#include "core/attention/inverse.h"
#include "core/attention/landmark.h"
#include "core/kernels/gemm.h"
#include "core/nn/conv.h"

struct config {
    int landmarks, iterations, conv;
};

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, landmarks, 256, 1, 4096,
             "segments whose means stand for all queries and keys; sequences that have no more "
             "tokens have softmax attention"),
    SBMT_INT(ROW, iterations, 6, 1, 64, "iterations of the pseudo-inverse"),
    SBMT_INT(ROW, conv, 35, 0, 1023,
             "tokens that the convolution of the values sees, odd, one filter a head; 0: none"),
    SBMT_FIELDS_END,
};

struct state {
    const struct sbmt_tensor *conv; /* (heads, 1, width, 1); NULL: none */
};

/* Without landmarks only the last two are used. (m, d) has no gaps between rows. */
struct saved {
    int landmarks;               /* m; 0: softmax attention */
    real *query, *key;           /* (m, d) means */
    real *weight;                /* (m, m) softmax(Q̃·K̃ᵀ) */
    struct sbmt_inverse inverse; /* of it */
    real *log_sum_landmark;      /* (m) of softmax(Q̃·Kᵀ) */
    real *summary, *value;       /* (m, d) softmax(Q̃·Kᵀ)·V, and Z times that */
    real *log_sum;               /* (n) of the softmax over landmarks, or over all keys */
    struct sbmt_rows attended;   /* (n, d) without the convolution */
};

static bool check(const void *config_in, struct sbmt_error *err)
{
    const struct config *config = config_in;
    if (config->conv > 0 && config->conv % 2 == 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG, "conv: %d has no middle; choose an odd width",
                         config->conv);
    return true;
}

static bool init(const void *config_in, const struct sbmt_attention_shape *shape,
                 const char *prefix, struct sbmt_params *params, void *state_in,
                 struct sbmt_error *err)
{
    (void)err;
    const struct config *config = config_in;
    struct state *state = state_in;
    if (config->conv == 0)
        return true;
    const int64_t filters[4] = {shape->heads, 1, config->conv, 1};
    const struct sbmt_init start = {SBMT_INIT_UNIFORM, 1 / sqrt(config->conv)}; /* torch's */
    state->conv = sbmt_params_add_under(params, prefix, "conv.weight", 4, filters, start);
    return true;
}

static struct sbmt_conv conv_of(const struct config *config, const struct state *state,
                                const struct sbmt_head *head, const struct sbmt_pass *pass)
{
    return (struct sbmt_conv){head->n, head->d, config->conv,
                              pass->value + sbmt_tensor_part(state->conv, head->index), 0};
}

/* The first token of a segment; that of segment m is n. */
static int segment(int n, int landmarks, int index)
{
    return (int)((int64_t)n * index / landmarks);
}

/* mean (m, d) of x (n, d). */
static void means_forward(int n, int d, int landmarks, const real *x, int stride, real *mean)
{
    for (int s = 0; s < landmarks; s++) {
        const int first = segment(n, landmarks, s), end = segment(n, landmarks, s + 1);
        real *to = mean + (size_t)s * (size_t)d;
        memset(to, 0, (size_t)d * sizeof *to);
        for (int i = first; i < end; i++)
            for (int j = 0; j < d; j++)
                to[j] += x[(size_t)i * (size_t)stride + (size_t)j];
        for (int j = 0; j < d; j++)
            to[j] /= SBMT_R(end - first);
    }
}

/* Adds to dx. */
static void means_backward(int n, int d, int landmarks, const real *dmean, real *dx, int stride)
{
    for (int s = 0; s < landmarks; s++) {
        const int first = segment(n, landmarks, s), end = segment(n, landmarks, s + 1);
        const real *from = dmean + (size_t)s * (size_t)d, share = 1 / SBMT_R(end - first);
        for (int i = first; i < end; i++)
            for (int j = 0; j < d; j++)
                dx[(size_t)i * (size_t)stride + (size_t)j] += share * from[j];
    }
}

static real scale_of(const struct sbmt_head *head)
{
    return 1 / real_sqrt(SBMT_R(head->d));
}

/* softmax(Q̃·Kᵀ)·V. */
static struct sbmt_dense_attend inner_of(const struct sbmt_head *head, const struct saved *saved)
{
    return sbmt_landmark_inner(head, saved->landmarks, saved->query);
}

/* softmax(Q·K̃ᵀ) times what landmarks have as values, or attention over all keys. */
static struct sbmt_dense_attend outer_of(const struct sbmt_head *head, const struct saved *saved)
{
    return sbmt_landmark_outer(head, saved->landmarks, saved->key, saved->value);
}

/* weight (m, m) = softmax(Q̃·K̃ᵀ). */
static void landmark_weights(const struct sbmt_head *head, const struct sbmt_kernels *kernels,
                             const struct saved *saved)
{
    const int m = saved->landmarks, d = head->d;
    const real scale = scale_of(head);
    sbmt_gemm_nt(m, m, d, saved->query, d, saved->key, d, 0, saved->weight, m);
    for (int i = 0; i < m; i++) {
        real *row = saved->weight + (size_t)i * (size_t)m;
        const real sum = kernels->exp_sum(m, row, scale, kernels->max(m, row) * scale);
        for (int j = 0; j < m; j++)
            row[j] /= sum;
    }
}

/* What landmarks know of the sequence: saved->value. */
static bool landmarks_forward(const struct config *config, const struct sbmt_head *head,
                              struct sbmt_pass *pass, struct saved *saved)
{
    const int m = config->landmarks, n = head->n, d = head->d;
    const size_t size = (size_t)m * (size_t)d;
    saved->landmarks = m;
    saved->query = sbmt_arena_reals(pass->saved, size);
    saved->key = sbmt_arena_reals(pass->saved, size);
    saved->weight = sbmt_arena_reals(pass->saved, (size_t)m * (size_t)m);
    saved->log_sum_landmark = sbmt_arena_reals(pass->saved, (size_t)m);
    saved->summary = sbmt_arena_reals(pass->saved, size);
    saved->value = sbmt_arena_reals(pass->saved, size);
    if (pass->saved->failed)
        return false;
    means_forward(n, d, m, head->q, head->stride, saved->query);
    means_forward(n, d, m, head->k, head->stride, saved->key);
    landmark_weights(head, pass->kernels, saved);
    const struct sbmt_dense_attend inner = inner_of(head, saved);
    saved->inverse = (struct sbmt_inverse){
        .size = m, .iterations = config->iterations, .width = d, .a = saved->weight};
    pass->stats->edges += (double)m * (n + m);
    return sbmt_dense_attend_forward(&inner, pass->kernels, saved->summary, d,
                                     saved->log_sum_landmark, pass->scratch) &&
           sbmt_inverse_forward(&saved->inverse, pass->kernels, saved->summary, saved->value,
                                pass->saved, pass->scratch);
}

/* Adds the convolution of the values to out, which is kept without it. */
static bool convolve(const struct config *config, const struct state *state,
                     const struct sbmt_head *head, struct sbmt_pass *pass, struct saved *saved,
                     real *out)
{
    const struct sbmt_conv conv = conv_of(config, state, head, pass);
    const int n = head->n, d = head->d;
    real *kept = sbmt_arena_reals(pass->saved, (size_t)n * (size_t)d);
    if (kept == NULL)
        return false;
    for (int i = 0; i < n; i++)
        memcpy(kept + (size_t)i * (size_t)d, out + (size_t)i * (size_t)head->stride,
               (size_t)d * sizeof *kept);
    saved->attended = (struct sbmt_rows){kept, d};
    return sbmt_conv_forward(&conv, pass->kernels, head->v, head->stride, out, head->stride,
                             pass->scratch);
}

static bool forward(const void *config_in, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    const struct config *config = config_in;
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    if (saved == NULL || log_sum == NULL ||
        (head->n > config->landmarks && !landmarks_forward(config, head, pass, saved)))
        return sbmt_pass_check(pass, "Nystrom attention", err);
    const struct sbmt_dense_attend outer = outer_of(head, saved);
    *saved_out = saved;
    saved->log_sum = log_sum;
    saved->attended = (struct sbmt_rows){out, head->stride};
    pass->stats->edges += (double)outer.queries * outer.keys;
    return (sbmt_dense_attend_forward(&outer, pass->kernels, out, head->stride, log_sum,
                                      pass->scratch) &&
            (config->conv == 0 || convolve(config, state, head, pass, saved, out))) ||
           sbmt_pass_check(pass, "Nystrom attention", err);
}

/* Gradients of what belongs to landmarks, (m, d) each, and of their weights. */
struct landmark_grad {
    real *query, *key, *value, *summary, *weight;
};

static bool landmark_grad_init(struct landmark_grad *grad, int landmarks, int d,
                               struct sbmt_arena *scratch)
{
    const size_t size = (size_t)landmarks * (size_t)d;
    *grad = (struct landmark_grad){
        .query = sbmt_arena_zalloc(scratch, size, sizeof(real)),
        .key = sbmt_arena_zalloc(scratch, size, sizeof(real)),
        .value = sbmt_arena_zalloc(scratch, size, sizeof(real)),
        .summary = sbmt_arena_reals(scratch, size),
        .weight = sbmt_arena_reals(scratch, (size_t)landmarks * (size_t)landmarks),
    };
    return !scratch->failed;
}

/* Through softmax(Q̃·K̃ᵀ), given the gradient of the weights, which is overwritten. */
static void landmark_weights_backward(const struct sbmt_head *head,
                                      const struct sbmt_kernels *kernels, const struct saved *saved,
                                      const struct landmark_grad *grad)
{
    const int m = saved->landmarks, d = head->d;
    for (int i = 0; i < m; i++) {
        const real *weight = saved->weight + (size_t)i * (size_t)m;
        real *row = grad->weight + (size_t)i * (size_t)m;
        kernels->softmax_backward(m, weight, row, kernels->dot(m, weight, row), scale_of(head),
                                  row);
    }
    sbmt_gemm(m, d, m, grad->weight, m, saved->key, d, 1, grad->query, d);
    sbmt_gemm_tn(m, d, m, grad->weight, m, saved->query, d, 1, grad->key, d);
}

/* From the gradients of landmarks' keys and values to those of the head's inputs. */
static bool landmarks_backward(const struct sbmt_head *head, struct sbmt_pass *pass,
                               const struct saved *saved, const struct landmark_grad *grad,
                               const struct sbmt_head_grad *head_grad)
{
    const int m = saved->landmarks, n = head->n, d = head->d;
    const struct sbmt_dense_attend inner = inner_of(head, saved);
    const struct sbmt_rows summary = {saved->summary, d}, gradient = {grad->summary, d};
    const struct sbmt_dense_grad to = {.dq = grad->query, .dk = head_grad->dk, .dv = head_grad->dv};
    if (!sbmt_inverse_backward(&saved->inverse, grad->value, grad->summary, grad->weight,
                               pass->scratch) ||
        !sbmt_dense_attend_backward(&inner, pass->kernels, summary, saved->log_sum_landmark,
                                    gradient, &to, pass->scratch))
        return false;
    landmark_weights_backward(head, pass->kernels, saved, grad);
    means_backward(n, d, m, grad->query, head_grad->dq, head->stride);
    means_backward(n, d, m, grad->key, head_grad->dk, head->stride);
    return true;
}

/* Through the convolution: V, and the filter. */
static bool convolve_backward(const struct config *config, const struct state *state,
                              const struct sbmt_head *head, struct sbmt_pass *pass,
                              const real *dout, const struct sbmt_head_grad *grad)
{
    const struct sbmt_conv conv = conv_of(config, state, head, pass);
    return sbmt_conv_backward(&conv, pass->kernels, head->v, head->stride, dout, head->stride,
                              grad->dv, pass->grad + sbmt_tensor_part(state->conv, head->index),
                              pass->scratch);
}

static bool backward(const void *config_in, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *head_grad, struct sbmt_error *err)
{
    const struct config *config = config_in;
    const struct saved *saved = saved_in;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const struct sbmt_dense_attend outer = outer_of(head, saved);
    const struct sbmt_rows gradient = {dout, head->stride};
    const bool all = saved->landmarks == 0;
    struct landmark_grad grad;
    if (!landmark_grad_init(&grad, saved->landmarks, head->d, pass->scratch))
        return sbmt_pass_check(pass, "Nystrom attention", err);
    const struct sbmt_dense_grad to = {.dq = head_grad->dq,
                                       .dk = all ? head_grad->dk : grad.key,
                                       .dv = all ? head_grad->dv : grad.value};
    if (!sbmt_dense_attend_backward(&outer, pass->kernels, saved->attended, saved->log_sum,
                                    gradient, &to, pass->scratch) ||
        (!all && !landmarks_backward(head, pass, saved, &grad, head_grad)) ||
        (config->conv > 0 && !convolve_backward(config, state, head, pass, dout, head_grad)))
        return sbmt_pass_check(pass, "Nystrom attention", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const struct config *config = config_in;
    const double tokens = n, m = config->landmarks, conv = config->conv;
    const double around = 2 * tokens * d * conv, kept = conv > 0 ? 4 * tokens * d : 0;
    if (n <= config->landmarks)
        return (struct sbmt_cost){.flops = 4 * tokens * tokens * d + around,
                                  .bytes = 4 * tokens + kept};
    return (struct sbmt_cost){
        .flops = 8 * tokens * m * d + 2 * m * m * d + around +
                 2 * sbmt_inverse_cost(config->landmarks, config->iterations, d),
        .bytes = 4 * (tokens + m + (5 + config->iterations) * m * d +
                      (1 + 3 * config->iterations) * m * m) +
                 kept,
    };
}

extern const struct sbmt_attention_ops sbmt_attention_nystrom;
const struct sbmt_attention_ops sbmt_attention_nystrom = {
    .variant = {.name = "nystrom",
                .doc = "Nystrom approximation of softmax attention from the means of segments "
                       "(Xiong et al. 2021)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·d·(landmarks + conv) + iterations·landmarks³)",
    .state_size = sizeof(struct state),
    .check = check,
    .init = init,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
