/* Operations by formula, against what is counted by hand. */
#include "tests/suite.h"

#include <math.h>
#include <string.h>

#include "bench/config_load.h"
#include "bench/flops.h"
#include "bench/measure.h"

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

SBMT_SUITE_MAIN("flops", softmax_by_hand, fnet_by_hand, relative_to_softmax)
