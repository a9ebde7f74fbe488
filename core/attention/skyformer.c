/* Skyformer (Chen et al. 2021, arXiv 2111.00035): attention by a Gaussian kernel without
 * normalisation of rows, κ(q, k) = e^{−‖q − k‖²/(2√d)}, in a Nystrom approximation of the kernel
 * matrix of all queries and keys together. With W some of their rows,
 *
 *     out = κ(Q, W)·D^{−½}·Z·D^{−½}·κ(W, K)·V,   Z ≈ (D^{−½}·M·D^{−½})⁻¹,
 *     M = κ(W, W) + γ·I,  D = diag(M·1),
 *
 * from the right: nothing is larger than (n, d) or (m, m). The diagonal D makes the singular values
 * at most 1, so that the iteration of inverse.h converges.
 *
 * Where the paper leaves something open or differs from its code (pkuzengqi/Skyformer):
 * - Landmarks are drawn uniformly from the 2n rows of queries and keys, as in the paper, but
 *   without replacement, for every head and step anew. The code draws half of them from queries and
 *   half from keys, with replacement, at the same places for all heads.
 * - With no more rows than landmarks the kernel matrix is computed as it is: with all rows as
 *   landmarks only γ would keep the approximation from being exact.
 * - The iteration starts from the transpose over ‖·‖₁, each head's own, as in the code but for the
 *   latter, where it is the largest of a batch. The default of γ is the code's.
 * - The code has 32^{−¼} written down in the place of d^{−¼}, the same at d = 32.
 * - Neither has dropout of attention weights, so `attention_dropout` has no effect. */
#include <string.h>

#include "core/attention/attention.h"
#include "core/attention/gaussian.h"
#include "core/attention/inverse.h"
#include "core/attention/landmark.h"

struct config {
    int landmarks, iterations;
    double gamma;
    bool exact;
};

static const double default_gamma = 0.1;

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, landmarks, 128, 1, 4096,
             "rows drawn from queries and keys; sequences that have no more have the whole kernel"),
    SBMT_INT(ROW, iterations, 6, 1, 64, "iterations of the inverse"),
    SBMT_NUMBER(ROW, gamma, default_gamma, 0, 1000,
                "added to the diagonal of the landmarks' kernel"),
    SBMT_BOOL(ROW, exact, false, "the whole kernel at any length: attention without landmarks"),
    SBMT_FIELDS_END,
};

/* All empty without landmarks. (m, d) has no gaps between rows. */
struct saved {
    int landmarks;               /* m; 0: the whole kernel */
    int *index;                  /* (m) of landmarks: queries first, then keys */
    real *landmark;              /* (m, d) W */
    real *kernel;                /* (m, m) κ(W, W) */
    real *root;                  /* (m) D^{−½} */
    real *weight;                /* (m, m) D^{−½}·M·D^{−½} */
    struct sbmt_inverse inverse; /* of it */
    real *summary, *value;       /* (m, d) D^{−½}·κ(W, K)·V, and D^{−½}·Z times that */
};

/* m of `count` numbers without replacement, the first steps of a Fisher–Yates shuffle. False when
 * memory is out. */
static bool draw(struct sbmt_rng_key key, int count, int m, int *index, struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    int *order = sbmt_arena_alloc(scratch, (size_t)count * sizeof *order);
    if (order == NULL)
        return false;
    for (int i = 0; i < count; i++)
        order[i] = i;
    for (int i = 0; i < m; i++) {
        const int j = i + (int)sbmt_rng_below(key, 0, (uint32_t)i, (uint32_t)(count - i));
        index[i] = order[j];
        order[j] = order[i];
    }
    sbmt_arena_release(scratch, mark);
    return true;
}

static real scale_of(const struct sbmt_head *head)
{
    return 1 / real_sqrt(SBMT_R(head->d));
}

/* κ(W, K)·V. */
static struct sbmt_dense_attend inner_of(const struct sbmt_head *head, const struct saved *saved)
{
    return sbmt_landmark_inner(head, saved->landmarks, saved->landmark);
}

/* κ(Q, W) times what landmarks have as values, or κ(Q, K)·V. */
static struct sbmt_dense_attend outer_of(const struct sbmt_head *head, const struct saved *saved)
{
    return sbmt_landmark_outer(head, saved->landmarks, saved->landmark, saved->value);
}

/* Row i of x (m, width) times D_i^{−½}. */
static void precondition(const struct saved *saved, int width, real *x)
{
    for (int i = 0; i < saved->landmarks; i++)
        for (int j = 0; j < width; j++)
            x[(size_t)i * (size_t)width + (size_t)j] *= saved->root[i];
}

/* The matrix to be inverted. */
static bool weight_forward(const struct config *config, const struct sbmt_head *head,
                           struct sbmt_pass *pass, const struct saved *saved)
{
    const int m = saved->landmarks;
    const real gamma = SBMT_R(config->gamma);
    if (!sbmt_gaussian_matrix_forward(m, head->d, saved->landmark, scale_of(head), pass->kernels,
                                      saved->kernel, pass->scratch))
        return false;
    for (int i = 0; i < m; i++)
        saved->root[i] =
            1 / real_sqrt(gamma + pass->kernels->sum(m, saved->kernel + (size_t)i * (size_t)m));
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) {
            const size_t at = (size_t)i * (size_t)m + (size_t)j;
            saved->weight[at] = saved->root[i] * (saved->kernel[at] + (i == j ? gamma : 0)) *
                                saved->root[j];
        }
    return true;
}

static bool saved_alloc(struct saved *saved, int m, int d, struct sbmt_arena *arena)
{
    const size_t size = (size_t)m * (size_t)d;
    saved->landmarks = m;
    saved->index = sbmt_arena_alloc(arena, (size_t)m * sizeof *saved->index);
    saved->landmark = sbmt_arena_reals(arena, size);
    saved->kernel = sbmt_arena_reals(arena, (size_t)m * (size_t)m);
    saved->root = sbmt_arena_reals(arena, (size_t)m);
    saved->weight = sbmt_arena_reals(arena, (size_t)m * (size_t)m);
    saved->summary = sbmt_arena_reals(arena, size);
    saved->value = sbmt_arena_reals(arena, size);
    return !arena->failed;
}

/* What landmarks know of the sequence: saved->value. */
static bool landmarks_forward(const struct config *config, const struct sbmt_head *head,
                              struct sbmt_pass *pass, struct saved *saved)
{
    const int m = config->landmarks, n = head->n, d = head->d;
    const struct sbmt_rng_key key = sbmt_pass_key(pass, SBMT_RNG_LANDMARKS, head->index);
    if (!saved_alloc(saved, m, d, pass->saved) || !draw(key, 2 * n, m, saved->index, pass->scratch))
        return false;
    for (int i = 0; i < m; i++) {
        const int row = saved->index[i];
        const real *from = row < n ? head->q : head->k;
        memcpy(saved->landmark + (size_t)i * (size_t)d,
               from + (size_t)(row % n) * (size_t)head->stride, (size_t)d * sizeof *from);
    }
    saved->inverse = (struct sbmt_inverse){
        .size = m, .iterations = config->iterations, .width = d, .a = saved->weight};
    const struct sbmt_dense_attend inner = inner_of(head, saved);
    if (!weight_forward(config, head, pass, saved) ||
        !sbmt_gaussian_forward(&inner, pass->kernels, saved->summary, d, pass->scratch))
        return false;
    precondition(saved, d, saved->summary);
    if (!sbmt_inverse_forward(&saved->inverse, pass->kernels, saved->summary, saved->value,
                              pass->saved, pass->scratch))
        return false;
    precondition(saved, d, saved->value);
    pass->stats->edges += (double)m * (n + m);
    return true;
}

static bool is_whole(const struct config *config, int n)
{
    return config->exact || 2 * (int64_t)n <= config->landmarks;
}

static bool forward(const void *config_in, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    (void)state;
    const struct config *config = config_in;
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    if (saved == NULL ||
        (!is_whole(config, head->n) && !landmarks_forward(config, head, pass, saved)))
        return sbmt_pass_check(pass, "Skyformer attention", err);
    *saved_out = saved;
    const struct sbmt_dense_attend outer = outer_of(head, saved);
    pass->stats->edges += (double)outer.queries * outer.keys;
    return sbmt_gaussian_forward(&outer, pass->kernels, out, head->stride, pass->scratch) ||
           sbmt_pass_check(pass, "Skyformer attention", err);
}

/* Gradients of what belongs to landmarks. */
struct landmark_grad {
    real *landmark, *value, *summary; /* (m, d) */
    real *weight;                     /* (m, m) */
    real *along;                      /* (m) root_i times the gradient of root_i */
};

static bool landmark_grad_init(struct landmark_grad *grad, int landmarks, int d,
                               struct sbmt_arena *scratch)
{
    const size_t size = (size_t)landmarks * (size_t)d;
    *grad = (struct landmark_grad){
        .landmark = sbmt_arena_zalloc(scratch, size, sizeof(real)),
        .value = sbmt_arena_zalloc(scratch, size, sizeof(real)),
        .summary = sbmt_arena_reals(scratch, size),
        .weight = sbmt_arena_reals(scratch, (size_t)landmarks * (size_t)landmarks),
        .along = sbmt_arena_zalloc(scratch, (size_t)landmarks, sizeof(real)),
    };
    return !scratch->failed;
}

/* Through x_i = root_i·…: from dx (m, width) to the gradient of what was scaled. */
static void precondition_backward(const struct saved *saved, const struct sbmt_kernels *kernels,
                                  int width, const real *x, real *dx, real *along)
{
    for (int i = 0; i < saved->landmarks; i++) {
        const size_t row = (size_t)i * (size_t)width;
        along[i] += kernels->dot(width, x + row, dx + row);
    }
    precondition(saved, width, dx);
}

/* With A_ij = r_i·M_ij·r_j and r_i = (Σ_j M_ij)^{−½}:
 * r_i·dr_i += Σ_j (A_ij·dA_ij + A_ji·dA_ji),  dM_ij = r_i·dA_ij·r_j − ½·r_i²·(r_i·dr_i).
 * dA is overwritten by dM. */
static void weight_backward(const struct saved *saved, real *dweight, real *along)
{
    const int m = saved->landmarks;
    for (int i = 0; i < m; i++) {
        real sum = 0;
        for (int j = 0; j < m; j++) {
            const size_t at = (size_t)i * (size_t)m + (size_t)j;
            const real share = saved->weight[at] * dweight[at];
            sum += share;
            along[j] += share;
        }
        along[i] += sum;
    }
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) {
            const size_t at = (size_t)i * (size_t)m + (size_t)j;
            const real root = saved->root[i];
            dweight[at] = root * (dweight[at] * saved->root[j] - SBMT_R(0.5) * root * along[i]);
        }
}

/* Adds the landmarks' gradients to the rows they were drawn from. */
static void landmarks_return(const struct sbmt_head *head, const struct saved *saved,
                             const real *dlandmark, const struct sbmt_head_grad *grad)
{
    for (int i = 0; i < saved->landmarks; i++) {
        const int row = saved->index[i];
        real *to = (row < head->n ? grad->dq : grad->dk) +
                   (size_t)(row % head->n) * (size_t)head->stride;
        for (int j = 0; j < head->d; j++)
            to[j] += dlandmark[(size_t)i * (size_t)head->d + (size_t)j];
    }
}

/* From the gradients of landmarks as keys, and of their values, to those of the head's inputs. */
static bool landmarks_backward(const struct sbmt_head *head, struct sbmt_pass *pass,
                               const struct saved *saved, const struct landmark_grad *grad,
                               const struct sbmt_head_grad *head_grad)
{
    const int d = head->d;
    const struct sbmt_dense_attend inner = inner_of(head, saved);
    const struct sbmt_dense_grad to = {
        .dq = grad->landmark, .dk = head_grad->dk, .dv = head_grad->dv};
    precondition_backward(saved, pass->kernels, d, saved->value, grad->value, grad->along);
    if (!sbmt_inverse_backward(&saved->inverse, grad->value, grad->summary, grad->weight,
                               pass->scratch))
        return false;
    precondition_backward(saved, pass->kernels, d, saved->summary, grad->summary, grad->along);
    weight_backward(saved, grad->weight, grad->along);
    if (!sbmt_gaussian_backward(&inner, pass->kernels, (struct sbmt_rows){grad->summary, d}, &to,
                                pass->scratch) ||
        !sbmt_gaussian_matrix_backward(saved->landmarks, d, saved->landmark, scale_of(head),
                                       pass->kernels, saved->kernel, grad->weight, grad->landmark,
                                       pass->scratch))
        return false;
    landmarks_return(head, saved, grad->landmark, head_grad);
    return true;
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *head_grad, struct sbmt_error *err)
{
    (void)config, (void)state;
    const struct saved *saved = saved_in;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const struct sbmt_dense_attend outer = outer_of(head, saved);
    const struct sbmt_rows gradient = {dout, head->stride};
    const bool all = saved->landmarks == 0;
    struct landmark_grad grad;
    if (!landmark_grad_init(&grad, saved->landmarks, head->d, pass->scratch))
        return sbmt_pass_check(pass, "Skyformer attention", err);
    const struct sbmt_dense_grad to = {.dq = head_grad->dq,
                                       .dk = all ? head_grad->dk : grad.landmark,
                                       .dv = all ? head_grad->dv : grad.value};
    if (!sbmt_gaussian_backward(&outer, pass->kernels, gradient, &to, pass->scratch) ||
        (!all && !landmarks_backward(head, pass, saved, &grad, head_grad)))
        return sbmt_pass_check(pass, "Skyformer attention", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const struct config *config = config_in;
    const double tokens = n, m = config->landmarks, steps = config->iterations;
    if (is_whole(config, n))
        return (struct sbmt_cost){.flops = 4 * tokens * tokens * d, .bytes = 0};
    return (struct sbmt_cost){
        .flops = 8 * tokens * m * d + 2 * m * m * d +
                 2 * sbmt_inverse_cost(config->landmarks, config->iterations, d),
        .bytes = 4 * (2 * m + (4 + steps) * m * d + (2 + 3 * steps) * m * m),
    };
}

extern const struct sbmt_attention_ops sbmt_attention_skyformer;
const struct sbmt_attention_ops sbmt_attention_skyformer = {
    .variant = {.name = "skyformer",
                .doc = "attention by a Gaussian kernel, without normalisation, in a Nystrom "
                       "approximation (Chen et al. 2021)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·d·landmarks + iterations·landmarks³)",
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
