/* Gradients of a whole two-layer model, with dropout, for every kind of attention in the registry
 * and every parameter tensor. */
#include "tests/grad/model_world.h"
#include "tests/suite.h"

START_TEST(every_kind)
{
    check_kinds(&(struct variation){0});
}
END_TEST

START_TEST(every_pooling)
{
    check_model(0, &(struct variation){.pooling = SBMT_POOLING_CLS});
    check_model(0, &(struct variation){.pooling = SBMT_POOLING_PADDED_MEAN});
}
END_TEST

START_TEST(pairs_of_sequences)
{
    check_kinds(&(struct variation){.pairs = true});
    check_model(0, &(struct variation){.pairs = true, .pair_features = SBMT_PAIR_CONCAT});
}
END_TEST

START_TEST(a_label_a_token)
{
    check_kinds(&(struct variation){.target = SBMT_TARGET_TOKEN});
}
END_TEST

START_TEST(tokens_that_are_values)
{
    check_model(0, &(struct variation){.input = SBMT_INPUT_VALUES});
}
END_TEST

START_TEST(kept_positions)
{
    check_model(0, &(struct variation){.left_out = true});
}
END_TEST

START_TEST(position_embeddings)
{
    check_model(0, &(struct variation){.position_embedding = SBMT_POSITION_NONE});
    check_model(0, &(struct variation){.position_embedding = SBMT_POSITION_SINUSOIDAL,
                                       .class_token = true});
}
END_TEST

START_TEST(class_token)
{
    check_kinds(&(struct variation){.class_token = true});
    check_model(0, &(struct variation){.class_token = true,
                                       .pooling = SBMT_POOLING_CLS,
                                       .input = SBMT_INPUT_VALUES,
                                       .left_out = true});
}
END_TEST

SBMT_SUITE_MAIN("gradient_model", every_kind, every_pooling, tokens_that_are_values, kept_positions,
                position_embeddings, class_token, pairs_of_sequences, a_label_a_token)
