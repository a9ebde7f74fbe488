/* Performer (Choromanski et al. 2021, arXiv 2009.14794): attention through random features, whose
 * directions are orthogonal in blocks of the head dim (section 2.4) and the same for all sequences.
 *
 * `kernel: exp` estimates the softmax with positive features (positive.h). `kernel: relu` is the
 * paper's generalised attention (section 2.2) with the constant of its code:
 * φ(x) = max(W·x/⁴√d, 0) + 1e-3, normalised.
 *
 * The comparisons on Long Range Arena (code of Nyströmformer and of SBM-Transformer) name ReLU
 * features, but ask a library for them without its switch for generalised attention; what they run
 * is exp features, of queries and keys that have been divided by the fourth root of d twice.
 *
 * The first draw is a tensor that nothing changes, so that drawing costs a training nothing. There
 * are no attention weights that dropout could act on. */

#include "core/attention/features.h"
#include "core/attention/positive.h"
#include "core/nn/activation.h"
#include "core/nn/orthogonal.h"

enum kernel { KERNEL_RELU, KERNEL_EXP };
enum lengths { LENGTHS_NORMAL, LENGTHS_EQUAL };

struct performer_config {
    int features, kernel, lengths, redraw;
};

static const char *const kernel_words[] = {"relu", "exp", NULL};
static const char *const length_words[] = {"normal", "equal", NULL};

#define ROW struct performer_config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, features, 256, 1, 65536, "random features of a query or key"),
    SBMT_CHOICE(ROW, kernel, kernel_words, KERNEL_RELU,
                "relu: ReLU of the random projections, plus 1e-3; exp: positive features, which "
                "estimate softmax attention"),
    SBMT_CHOICE(ROW, lengths, length_words, LENGTHS_NORMAL,
                "lengths of the directions: those of normal vectors, or all equal to the square "
                "root of the head dim"),
    SBMT_INT(ROW, redraw, 0, 0, 1 << 30,
             "draw the directions anew every so many steps of training; 0: never. Evaluations "
             "always have the first ones"),
    SBMT_FIELDS_END,
};

struct performer_state {
    const struct sbmt_tensor *features; /* (heads, features, d) the first draw */
};

/* What forward leaves for backward. */
struct saved {
    real *directions; /* (features, d) over ⁴√d */
    struct sbmt_features_saved relu;
    struct sbmt_positive exp;
};

static double length_of(const struct performer_config *config, int d)
{
    return config->lengths == LENGTHS_EQUAL ? sqrt(d) : 0;
}

static bool init(const void *config_in, const struct sbmt_attention_shape *shape,
                 const char *prefix, struct sbmt_params *params, void *state_in,
                 struct sbmt_error *err)
{
    (void)err;
    const struct performer_config *config = config_in;
    struct performer_state *state = state_in;
    const int64_t cube[3] = {shape->heads, config->features, shape->d};
    state->features = sbmt_params_add_under(
        params, prefix, "random_features", 3, cube,
        (struct sbmt_init){SBMT_INIT_ORTHOGONAL_ROWS, length_of(config, shape->d)});
    sbmt_params_fix(params, state->features);
    return true;
}

/* Which draw the pass has. The step of an evaluation is none of the optimiser's. */
static uint32_t draw_of(const struct performer_config *config, const struct sbmt_pass *pass)
{
    return pass->training && config->redraw > 0 ? pass->step / (uint32_t)config->redraw : 0;
}

/* directions (features, d) of a draw after the first, the same for all sequences. */
static bool draw_again(const struct performer_config *config, const struct sbmt_head *head,
                       const struct sbmt_pass *pass, real *directions)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const struct sbmt_rng_place place = {
        .seed = pass->seed,
        .purpose = SBMT_RNG_FEATURES,
        .step = draw_of(config, pass),
        .layer = (uint32_t)pass->layer,
        .head = (uint32_t)head->index,
    };
    double *work = sbmt_arena_zalloc(pass->scratch, sbmt_orthogonal_rows_work(head->d),
                                     sizeof *work);
    if (work == NULL)
        return false;
    sbmt_orthogonal_rows(config->features, head->d, length_of(config, head->d),
                         sbmt_rng_derive(&place), 0, work, directions);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* The pass's directions over ⁴√d, in pass->saved; NULL when memory is out. */
static real *directions_of(const struct performer_config *config,
                           const struct performer_state *state, const struct sbmt_head *head,
                           const struct sbmt_pass *pass)
{
    const size_t count = (size_t)config->features * (size_t)head->d;
    const real scale = 1 / real_sqrt(real_sqrt(SBMT_R(head->d)));
    const bool first = draw_of(config, pass) == 0;
    real *directions = sbmt_arena_reals(pass->saved, count);
    if (directions == NULL || (!first && !draw_again(config, head, pass, directions)))
        return NULL;
    const real *from = first ? pass->value + sbmt_tensor_part(state->features, head->index)
                             : directions;
    for (size_t i = 0; i < count; i++)
        directions[i] = scale * from[i];
    return directions;
}

/* Context of the ReLU map. */
struct projection {
    int features, stride;
    const real *directions; /* (features, d) */
    real *turned;           /* (d, features; stride) */
};

static bool projection_init(struct projection *projection, int features, const real *directions,
                            int d, struct sbmt_arena *scratch)
{
    const int stride = sbmt_features_stride(features);
    real *turned = sbmt_arena_reals(scratch, (size_t)d * (size_t)stride);
    *projection = (struct projection){features, stride, directions, turned};
    if (turned == NULL)
        return false;
    for (int f = 0; f < features; f++)
        for (int t = 0; t < d; t++)
            turned[(size_t)t * (size_t)stride + (size_t)f] =
                directions[(size_t)f * (size_t)d + (size_t)t];
    return true;
}

/* Far below a feature that counts, and above 0, so that no normaliser vanishes. */
static const double least = 1e-3;

static void map_forward(const void *context, const struct sbmt_feature_block *block, const real *x,
                        real *y)
{
    const struct projection *projection = context;
    block->kernels->product(block->rows, projection->features, block->d, false, x, block->stride, 1,
                            projection->turned, projection->stride, y, block->y_stride);
    for (int i = 0; i < block->rows; i++) {
        real *row = y + (size_t)i * (size_t)block->y_stride;
        sbmt_relu_forward((size_t)projection->features, row);
        for (int f = 0; f < projection->features; f++)
            row[f] += SBMT_R(least);
    }
}

static void map_backward(const void *context, const struct sbmt_feature_block *block, const real *x,
                         const real *y, real *dy, real *dx)
{
    (void)x;
    const struct projection *projection = context;
    for (int i = 0; i < block->rows; i++) {
        const size_t row = (size_t)i * (size_t)block->y_stride;
        for (int f = 0; f < projection->features; f++)
            dy[row + (size_t)f] = y[row + (size_t)f] > SBMT_R(least) ? dy[row + (size_t)f] : 0;
    }
    block->kernels->product(block->rows, block->d, projection->features, true, dy, block->y_stride,
                            1, projection->directions, block->d, dx, block->stride);
}

static struct sbmt_features relu_features(const struct projection *projection)
{
    return (struct sbmt_features){
        .map = {projection->features, projection, map_forward, map_backward},
        .normalise = true,
    };
}

static bool forward(const void *config_in, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    const struct performer_config *config = config_in;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    if (saved == NULL || (saved->directions = directions_of(config, state, head, pass)) == NULL)
        return sbmt_pass_check(pass, "Performer attention", err);
    *saved_out = saved;
    if (config->kernel == KERNEL_EXP) {
        saved->exp.features = config->features;
        saved->exp.directions = saved->directions;
        return sbmt_positive_forward(&saved->exp, head, pass, out, err);
    }
    struct projection projection;
    if (!projection_init(&projection, config->features, saved->directions, head->d, pass->scratch))
        return sbmt_pass_check(pass, "Performer attention", err);
    const struct sbmt_features features = relu_features(&projection);
    const bool done = sbmt_features_forward(&features, head, pass, &saved->relu, out, err);
    sbmt_arena_release(pass->scratch, mark);
    return done;
}

static bool backward(const void *config_in, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)state;
    const struct performer_config *config = config_in;
    const struct saved *saved = saved_in;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    if (config->kernel == KERNEL_EXP)
        return sbmt_positive_backward(&saved->exp, head, pass, dout, grad, err);
    struct projection projection;
    if (!projection_init(&projection, config->features, saved->directions, head->d, pass->scratch))
        return sbmt_pass_check(pass, "Performer attention", err);
    const struct sbmt_features features = relu_features(&projection);
    const bool done = sbmt_features_backward(&features, head, pass, &saved->relu, dout, grad, err);
    sbmt_arena_release(pass->scratch, mark);
    return done;
}

/* The features of queries and keys, and then what they are used for; with exp features the same
 * products in another order. */
static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const struct performer_config *config = config_in;
    struct sbmt_cost cost = sbmt_features_cost(config->features, true, n, d);
    cost.flops += 4.0 * n * config->features * d;
    cost.bytes += 4.0 * config->features * d;
    return cost;
}

extern const struct sbmt_attention_ops sbmt_attention_performer;
const struct sbmt_attention_ops sbmt_attention_performer = {
    .variant = {.name = "performer",
                .doc = "attention through random features of queries and keys, with orthogonal "
                       "directions (Choromanski et al. 2021)",
                .fields = fields,
                .config_size = sizeof(struct performer_config)},
    .complexity = "O(n·features·d)",
    .state_size = sizeof(struct performer_state),
    .init = init,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
