/* Operations by formula, against what is counted by hand. */
#include "tests/suite.h"

#include <math.h>
#include <string.h>

#include "bench/config_load.h"
#include "bench/flops.h"
#include "bench/measure.h"

enum { LRA = SBMT_ARCHITECTURE_LRA, BERT = SBMT_ARCHITECTURE_BERT };
enum { ROBERTA = SBMT_ARCHITECTURE_ROBERTA };

static struct sbmt_model_config model_of(const char *kind, struct sbmt_arena *arena)
{
    struct sbmt_model_config model = {0};
    sbmt_fields_defaults(sbmt_model_fields, &model, arena);
    ck_assert(sbmt_config_set_kind(sbmt_field_find(sbmt_model_fields, "attention"),
                                   &model.attention, kind, arena));
    model.layers = 2;
    model.dim = 8;
    model.heads = 2;
    model.ffn_dim = 16;
    model.classifier_dim = 128;
    return model;
}

/* 10 tokens: 4 projections of 8·8 and 2 of 8·16 each; scores and values are 10·10·4 products in
 * each of 2 heads. */
START_TEST(softmax_by_hand)
{
    struct sbmt_arena arena = {0};
    struct sbmt_model_config model = model_of("softmax", &arena);
    ck_assert_double_eq(sbmt_flops_attention(&model, 10, 1), 2 * 2 * (2 * 10 * 10 * 4));
    ck_assert_double_eq(sbmt_flops_encoder(&model, 10, 1),
                        2 * (2 * 10 * (4 * 64 + 2 * 128) + 3200));
    model.class_token = true; /* one more */
    ck_assert_double_eq(sbmt_flops_encoder(&model, 9, 1), 26880);
    sbmt_arena_finish(&arena);
}
END_TEST

/* Rows are transformed whole, whatever `heads` says, and there are no projections. */
START_TEST(fnet_by_hand)
{
    struct sbmt_arena arena = {0};
    struct sbmt_model_config model = model_of("fnet", &arena);
    model.dim = 64;
    for (model.heads = 1; model.heads <= 4; model.heads *= 2) {
        ck_assert_double_eq(sbmt_flops_attention(&model, 256, 0),
                            2 * 256 * 64 * 64 + 1.25 * 256 * 8 * 64);
        ck_assert_double_eq(sbmt_flops_encoder(&model, 256, 0),
                            2 * (2 * 256 * 2 * 64 * 16 + 2260992));
    }
    sbmt_arena_finish(&arena);
}
END_TEST

/* What a table shows, of a run whose sequences have 256 tokens: both sides with all their heads. */
START_TEST(relative_to_softmax)
{
    const struct {
        const char *kind;
        double flops;
    } cases[] = {{"softmax", 1}, {"fnet", 2260992.0 / 16777216}, {"none", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sbmt_arena arena = {0};
        struct sbmt_ledger_point step = {.steps = 1, .tokens = 4 * 256};
        struct sbmt_ledger_run run = {.train = {1, &step}};
        run.config.task = "lra/listops";
        run.config.train.batch_size = 4;
        run.config.model = model_of(cases[i].kind, &arena);
        run.config.model.dim = 64;
        ck_assert_double_eq_tol(sbmt_measure_flops(&run), cases[i].flops, 1e-12);
        sbmt_arena_finish(&arena);
    }
}
END_TEST

/* Two a product: of a vector of 8 columns, of 4·8 in pairs, through as many layers as there are. */
START_TEST(answers_by_hand)
{
    const struct {
        int architecture;
        struct sbmt_model_shape shape;
        int products;
    } cases[] = {
        {LRA, {.segments = 1, .classes = 10}, 8 * 128 + 128 * 10},
        {LRA, {.segments = 1, .classes = 10, .target = SBMT_TARGET_TOKEN}, 8 * 128 + 128 * 10},
        {LRA, {.segments = 2, .classes = 2}, 32 * 128 + 128 * 2},
        {BERT, {.segments = 1, .classes = 10}, 8 * 8 + 8 * 10},
        {ROBERTA, {.segments = 1, .classes = 10}, 8 * 8 + 8 * 10},
        {BERT, {.segments = 1, .classes = 1, .target = SBMT_TARGET_SCORE}, 8 * 8 + 8},
        {BERT, {.segments = 2, .classes = 2}, 32 * 8 + 8 * 2},
        {BERT, {.segments = 1, .classes = 10, .target = SBMT_TARGET_TOKEN}, 8 * 10},
        {BERT, {.vocab = 30, .classes = 30, .target = SBMT_TARGET_MASKED}, 8 * 8 + 8 * 30},
        {LRA, {.vocab = 30, .classes = 30, .target = SBMT_TARGET_MASKED}, 8 * 8 + 8 * 30},
    };
    struct sbmt_arena arena = {0};
    struct sbmt_model_config model = model_of("softmax", &arena);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        model.architecture = cases[i].architecture;
        ck_assert_double_eq(sbmt_flops_answer(&model, &cases[i].shape), 2 * cases[i].products);
    }
    sbmt_arena_finish(&arena);
}
END_TEST

/* The encoder over every sequence, and an answer to every label: one an example, or 3 words. */
START_TEST(means_over_examples)
{
    static const int64_t offset[] = {0, 10, 30};
    struct sbmt_arena arena = {0};
    const struct sbmt_model_config model = model_of("softmax", &arena);
    struct sbmt_model_shape shape = {.vocab = 30, .classes = 10, .segments = 1};
    struct sbmt_task task = {.classes = 10, .segments = 1};
    const struct sbmt_dataset dataset = {
        .task = &task, .examples = {.count = 2, .offset = offset}, .masked = 3};
    const double encoded = (26880 + 2 * (2 * 20 * 512 + 4 * 20 * 20 * 8)) / 2.0;
    ck_assert_double_eq(sbmt_flops_split(&model, &shape, &dataset, -1), encoded + 4608);
    task.target = shape.target = SBMT_TARGET_MASKED;
    ck_assert_double_eq(sbmt_flops_split(&model, &shape, &dataset, -1), encoded + 608 * 3 / 2.0);
    const struct sbmt_dataset endless = {.task = &task};
    ck_assert_double_eq(sbmt_flops_split(&model, &shape, &endless, -1), 0);
    sbmt_arena_finish(&arena);
}
END_TEST

SBMT_SUITE_MAIN("flops", softmax_by_hand, fnet_by_hand, relative_to_softmax, answers_by_hand,
                means_over_examples)
