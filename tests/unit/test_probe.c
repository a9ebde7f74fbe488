/* A probe sees what a pass computes and changes nothing of it. */
#include "tests/suite.h"

#include <math.h>

#include "core/attention/sbm_config.h"
#include "core/kernels/kernels.h"
#include "tests/unit/step_world.h"

enum { COUNT = 3, HEADS = 2, MOST_SHOWN = 400 };

static const int lengths[16] = {33, 7, 64, 20};
static const uint64_t ids[COUNT] = {0, 1, 2};

/* What was shown, copied. */
struct shown {
    struct sbmt_probed probed;
    real *value;
    int32_t *index;
};

struct album {
    struct shown shown[MOST_SHOWN];
    int count;
};

static void show(void *context, const struct sbmt_probed *probed)
{
    struct album *album = context;
    ck_assert_int_lt(album->count, MOST_SHOWN);
    ck_assert((probed->value == NULL) != (probed->index == NULL));
    ck_assert_int_le(probed->columns, probed->stride);
    struct shown *shown = &album->shown[album->count++];
    const size_t rows = (size_t)probed->rows, columns = (size_t)probed->columns;
    *shown = (struct shown){.probed = *probed,
                            .value = calloc(rows * columns + 1, sizeof(real)),
                            .index = calloc(rows * columns + 1, sizeof(int32_t))};
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            const size_t from = i * (size_t)probed->stride + j;
            if (probed->value != NULL)
                shown->value[i * columns + j] = probed->value[from];
            else
                shown->index[i * columns + j] = probed->index[from];
        }
}

static void album_finish(struct album *album)
{
    for (int i = 0; i < album->count; i++) {
        free(album->shown[i].value);
        free(album->shown[i].index);
    }
    *album = (struct album){0};
}

/* The only one of a name, layer and head. */
static const struct shown *find(const struct album *album, const char *name, int layer, int head)
{
    const struct shown *found = NULL;
    for (int i = 0; i < album->count; i++) {
        const struct sbmt_probed *probed = &album->shown[i].probed;
        if (strcmp(probed->name, name) != 0 || probed->layer != layer || probed->head != head)
            continue;
        ck_assert_msg(found == NULL, "%s of layer %d, head %d twice", name, layer, head);
        found = &album->shown[i];
    }
    return found;
}

static const struct shown *need(const struct album *album, const char *name, int layer, int head)
{
    const struct shown *found = find(album, name, layer, head);
    ck_assert_msg(found != NULL, "%s of layer %d, head %d was not shown", name, layer, head);
    return found;
}

/* Everything a pass over one example gives. */
struct answer {
    real logits[STEP_CLASSES];
    struct sbmt_outcome outcome;
    struct sbmt_stats stats;
    real *grad;
};

static void compute(const struct step_world *world, int example, bool backward, bool training,
                    struct album *album, struct answer *answer)
{
    struct sbmt_arena saved = {0}, scratch = {0};
    struct sbmt_error err = {0};
    const struct sbmt_probe probe = {show, album};
    *answer = (struct answer){.grad = calloc(world->params.size, sizeof(real))};
    struct sbmt_pass pass = {.kernels = sbmt_kernels_get(NULL, NULL),
                             .value = world->params.value,
                             .grad = backward ? answer->grad : NULL,
                             .saved = &saved,
                             .scratch = &scratch,
                             .stats = &answer->stats,
                             .seed = 5,
                             .batch_count = 1,
                             .training = training,
                             .probe = album != NULL ? &probe : NULL};
    ck_assert_msg(sbmt_model_example(world->model, &world->batch, example, &pass, answer->logits,
                                     NULL, &answer->outcome, &err),
                  "%s", err.message);
    ck_assert_uint_eq(saved.used, 0);
    sbmt_arena_finish(&saved);
    sbmt_arena_finish(&scratch);
}

static int kind_count(void)
{
    int count = 0;
    while (sbmt_attention_at(count) != NULL)
        count++;
    return count;
}

static void world_of(struct step_world *world, int kind)
{
    step_world_init(world, kind);
    step_world_fill(world, COUNT, ids, lengths);
}

static void expect_same(const struct step_world *world, const struct answer *a,
                        const struct answer *b)
{
    ck_assert_mem_eq(a->logits, b->logits, sizeof a->logits);
    ck_assert_mem_eq(a->grad, b->grad, world->params.size * sizeof(real));
    ck_assert_mem_eq(&a->stats, &b->stats, sizeof a->stats);
    ck_assert(a->outcome.loss == b->outcome.loss);
}

START_TEST(a_probe_changes_nothing)
{
    for (int kind = 0; kind < kind_count(); kind++)
        for (int training = 0; training < 2; training++) {
            struct step_world world;
            struct album album = {0};
            struct answer plain, probed;
            world_of(&world, kind);
            compute(&world, 0, true, training == 1, NULL, &plain);
            compute(&world, 0, true, training == 1, &album, &probed);
            expect_same(&world, &plain, &probed);
            const struct shown *logits = need(&album, "logits", -1, -1);
            ck_assert_mem_eq(logits->value, plain.logits, sizeof plain.logits);
            need(&album, "gradient.hidden", 1, -1);
            need(&album, "attended", 1, 0);
            album_finish(&album);
            free(plain.grad);
            free(probed.grad);
            step_world_finish(&world);
        }
}
END_TEST

/* Over each row of a matrix, or of the edges of a row, weights sum to 1. */
static void check_rows(const struct album *album, int layer, int head, int n)
{
    const struct shown *edges = find(album, "edges", layer, head);
    const struct shown *weight = need(album, "weight", layer, head);
    double *sum = calloc((size_t)n, sizeof *sum);
    for (int64_t e = 0; e < weight->probed.rows * weight->probed.columns; e++)
        sum[edges != NULL ? edges->index[2 * e] : e / n] += (double)weight->value[e];
    for (int i = 0; i < n; i++)
        ck_assert_msg(sum[i] == 0 || fabs(sum[i] - 1) < 1e-5, "row %d sums to %g", i, sum[i]);
    free(sum);
}

/* Attention is the weights' sum of the values: what is shown is what is computed. */
static void check_attended(const struct album *album, int layer, int head)
{
    const struct shown *edges = find(album, "edges", layer, head);
    const struct shown *weight = need(album, "weight", layer, head);
    const struct shown *value = need(album, "value", layer, head);
    const struct shown *attended = need(album, "attended", layer, head);
    const int n = (int)value->probed.rows, d = value->probed.columns;
    double *sum = calloc((size_t)n * (size_t)d, sizeof *sum);
    for (int64_t e = 0; e < weight->probed.rows * weight->probed.columns; e++) {
        const int i = edges != NULL ? edges->index[2 * e] : (int)(e / n);
        const int j = edges != NULL ? edges->index[2 * e + 1] : (int)(e % n);
        for (int c = 0; c < d; c++)
            sum[i * d + c] += (double)weight->value[e] * (double)value->value[j * d + c];
    }
    for (int i = 0; i < n * d; i++)
        ck_assert_double_eq_tol(sum[i], (double)attended->value[i], 1e-5);
    free(sum);
}

static const char *const weighted[] = {"softmax",    "sbm",     "local",
                                       "longformer", "bigbird", "sparse-transformer"};

START_TEST(weights_explain_what_is_attended)
{
    const int count = (int)(sizeof weighted / sizeof weighted[0]);
    for (int k = 0; k < count; k++)
        for (int e = 0; e < COUNT; e++) {
            struct step_world world;
            struct album album = {0};
            struct answer answer;
            world_of(&world, sbmt_variant_find(sbmt_attention_variant, weighted[k]));
            compute(&world, e, false, false, &album, &answer);
            for (int l = 0; l < 2; l++)
                for (int h = 0; h < HEADS; h++) {
                    check_rows(&album, l, h, lengths[e]);
                    check_attended(&album, l, h);
                }
            album_finish(&album);
            free(answer.grad);
            step_world_finish(&world);
        }
}
END_TEST

/* min(Y·B·Zᵀ + δ, 1) of a pair. */
static double probability_of(const struct album *album, int layer, int head, int i, int j,
                             double exploration)
{
    const struct shown *y = need(album, "membership.query", layer, head);
    const struct shown *z = need(album, "membership.key", layer, head);
    const struct shown *b = need(album, "block", layer, head);
    const int k = b->probed.columns;
    double p = exploration;
    for (int u = 0; u < k; u++)
        for (int v = 0; v < k; v++)
            p += (double)y->value[i * k + u] * (double)b->value[u * k + v] *
                 (double)z->value[j * k + v];
    return fmin(p, 1);
}

static void check_probabilities(int mask, int graph)
{
    struct step_world world;
    struct album album = {0};
    struct answer answer;
    world_of(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    struct sbmt_sbm_config *config = world.config.attention.config;
    config->mask = mask;
    config->graph = graph;
    compute(&world, 0, false, false, &album, &answer);
    for (int h = 0; h < HEADS; h++) {
        const struct shown *edges = find(&album, "edges", 1, h);
        const struct shown *probability = need(&album, "probability", 1, h);
        const int n = lengths[0];
        ck_assert((edges == NULL) == (mask == SBMT_MASK_EXPECTED));
        ck_assert_int_gt(probability->probed.rows, 0);
        for (int64_t e = 0; e < probability->probed.rows * probability->probed.columns; e++) {
            const int i = edges != NULL ? edges->index[2 * e] : (int)(e / n);
            const int j = edges != NULL ? edges->index[2 * e + 1] : (int)(e % n);
            double p = probability_of(&album, 1, h, i, j, config->exploration);
            p = graph == SBMT_SBM_POISSON_SIMPLE ? 1 - exp(-p) : p;
            ck_assert_double_eq_tol(p, (double)probability->value[e], 1e-5);
        }
        check_rows(&album, 1, h, n);
        check_attended(&album, 1, h);
    }
    album_finish(&album);
    free(answer.grad);
    step_world_finish(&world);
}

START_TEST(probabilities_are_those_of_the_memberships)
{
    check_probabilities(SBMT_MASK_SAMPLED, SBMT_SBM_BERNOULLI);
    check_probabilities(SBMT_MASK_SAMPLED, SBMT_SBM_POISSON);
    check_probabilities(SBMT_MASK_SAMPLED, SBMT_SBM_POISSON_SIMPLE);
    check_probabilities(SBMT_MASK_EXPECTED, SBMT_SBM_BERNOULLI);
}
END_TEST

SBMT_SUITE_MAIN("probe", a_probe_changes_nothing, weights_explain_what_is_attended,
                probabilities_are_those_of_the_memberships)
